import fc from "fast-check";
import { expect, test } from "vitest";

import type { Source } from "../wire";
import { citedIn, piecesOf } from "./citations";

const source = (number: number): Source => ({ number, title: `${number}.txt` });
const SOURCES = [3, 1, 2].map(source);
const isKnown = (number: number): boolean => number >= 1 && number <= 3;

test.each([
  ["It is so [1].", ["It is so ", 1, "."]],
  ["[1][2] both", [1, 2, " both"]],
  ["both [1, 2], [1;3]", ["both ", 1, 2, ", ", 1, 3]],
  ["[2]", [2]],
  ["none", ["none"]],
  ["", []],
  ["not known [4], nor all of [1, 4]", ["not known [4], nor all of [1, 4]"]],
  ["half [1", ["half [1"]],
  ["no number [a], [], [1a], [^1], [ ], [1000]", ["no number [a], [], [1a], [^1], [ ], [1000]"]],
])("%j is split at its citations", (text, pieces) => {
  expect(piecesOf(text, isKnown)).toEqual(pieces);
});

/** Pieces of which some only look like a citation. */
const scrap = fc.constantFrom("[1]", "[2, 3]", "[4]", "[", "]", "1", ",", " ", "word", "[1, 9]", "[[1]]", "١", "\n");

test("whatever the text, no word of it is lost and each number is known", () => {
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 30 }), (scraps) => {
      const text = scraps.join("");
      const pieces = piecesOf(text, isKnown);
      const numbers = pieces.filter((piece) => typeof piece === "number");
      expect(numbers.every(isKnown)).toBe(true);
      const digits = (from: string): string => from.replace(/[[\],\s]/g, "");
      expect(digits(pieces.join(""))).toBe(digits(text));
    }),
  );
});

test("a text that grows keeps the citations it had", () => {
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 30 }), fc.nat(), (scraps, cut) => {
      const text = scraps.join("");
      const numbersOf = (part: string): unknown[] =>
        piecesOf(part, isKnown).filter((piece) => typeof piece === "number");
      const before = numbersOf(text.slice(0, cut % (text.length + 1)));
      expect(numbersOf(text).slice(0, before.length)).toEqual(before);
    }),
  );
});

const cited = (markdown: string): number[] => citedIn(markdown, SOURCES).map(({ number }) => number);

test("the cited sources come in the order of their numbers, each once", () => {
  expect(cited("First [3], then **[1]** and [3] again.")).toEqual([1, 3]);
});

test("lists, tables, quotations and headings cite", () => {
  expect(cited("# A [1]\n\n> quoted [2]\n")).toEqual([1, 2]);
  expect(cited("- one\n  - two [3]\n\n| a |\n|---|\n| b [2] |\n")).toEqual([2, 3]);
});

test.each([
  "`a[1]`",
  "```\na[1]\n```",
  "    a[1]\n",
  "[a [1]](https://a.example)",
  "\\[1\\]",
  "<div>[1]</div>\n",
  "[1](https://a.example)",
])("%j cites nothing", (markdown) => {
  expect(cited(markdown)).toEqual([]);
});
