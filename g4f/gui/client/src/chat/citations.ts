/** Citations: `[2]` in an answer means the source of that number. */
import { lexer, type MarkedToken, type Token } from "marked";

import type { Source } from "../wire";
import { children } from "./blocks";

const GROUP = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;

/** Split a text at its citations, which become the numbers they name; what names anything unknown stays text. */
export function piecesOf(text: string, isKnown: (number: number) => boolean): readonly (string | number)[] {
  const pieces: (string | number)[] = [];
  let end = 0;
  for (const { 0: whole, 1: inside = "", index } of text.matchAll(GROUP)) {
    const numbers = inside.split(/[,;]/).map(Number);
    if (!numbers.every(isKnown)) continue;
    if (index > end) pieces.push(text.slice(end, index));
    pieces.push(...numbers);
    end = index + whole.length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

/** Return the sources that a finished answer cites, in the order of their numbers. */
export function citedIn(markdown: string, sources: readonly Source[]): readonly Source[] {
  if (sources.length === 0) return [];
  const isKnown = (number: number): boolean => sources.some((source) => source.number === number);
  const cited = new Set(textsIn(lexer(markdown)).flatMap((text) => piecesOf(text, isKnown)));
  return sources.filter(({ number }) => cited.has(number)).toSorted((one, other) => one.number - other.number);
}

/** Return the texts in which a number in brackets may be a citation: not those of code and of links. */
function textsIn(tokens: readonly Token[]): readonly string[] {
  return (tokens as readonly MarkedToken[]).flatMap((token) => {
    switch (token.type) {
      case "list":
        return textsIn(token.items);
      case "table":
        return [token.header, ...token.rows].flat().flatMap((cell) => textsIn(cell.tokens));
      case "link":
        return [];
      case "text":
        return token.tokens ? textsIn(token.tokens) : [token.text];
      default:
        return "tokens" in token ? textsIn(children(token)) : [];
    }
  });
}
