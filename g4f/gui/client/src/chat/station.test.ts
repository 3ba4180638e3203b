import { expect, test } from "vitest";

import { hue, letter } from "./station";

test("a provider always has the same hue, one of eight", () => {
  const names = ["Ollama", "DeepSeek", "OpenRouter", "Провайдер", "a", "b", "c", "d", "e", "f"];
  expect(names.map(hue)).toEqual(names.map(hue));
  for (const name of names) expect(hue(name)).toMatch(/^var\(--hue-[1-8]\)$/);
});

test("different providers are spread over the hues", () => {
  expect(new Set(Array.from({ length: 64 }, (_, index) => hue(`Provider${index}`))).size).toBe(8);
});

test("a node carries the first letter or digit, as a capital", () => {
  expect([letter("deepSeek"), letter("(локальный)"), letter("4o"), letter("")]).toEqual(["D", "Л", "4", ""]);
});
