import { expect, test } from "vitest";

import { languageOf, sentencesOf } from "./sentences";

const said = (text: string): string[] => sentencesOf(text).map(({ start, end }) => text.slice(start, end));

test.each([
  ["The lamp is lit at dusk. The boat comes on Friday!", ["The lamp is lit at dusk.", "The boat comes on Friday!"]],
  ["  Лампу зажигают в сумерках. А лодка?  ", ["Лампу зажигают в сумерках.", "А лодка?"]],
  ["It is 3.5 km, i.e. far.", ["It is 3.5 km, i.e. far."]],
  ["… — !", []],
  ["", []],
])("%j is read as its sentences", (text, sentences) => {
  expect(said(text)).toEqual(sentences);
});

test("a long sentence is cut at its pauses, and nothing of it is lost", () => {
  const text = `${"and the wind goes round, ".repeat(40)}end.`;
  const parts = said(text);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.every((part) => part.length <= 400)).toBe(true);
  expect(parts.slice(0, -1).every((part) => part.endsWith(","))).toBe(true);
  expect(parts.join(" ")).toBe(text);
});

test("a word without any blank in it is cut, too", () => {
  expect(said("a".repeat(1000)).map(({ length }) => length)).toEqual([400, 400, 200]);
});

test("the script tells the language of a browser's voice", () => {
  expect([languageOf("Привет, world"), languageOf("Hello"), languageOf("12")]).toEqual(["ru", "en", "en"]);
});
