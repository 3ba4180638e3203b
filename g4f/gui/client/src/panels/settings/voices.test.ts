import { expect, test } from "vitest";

import { voiceOptions } from "./voices";

test("voices stand under their languages, the reader's own first", () => {
  const voices = [
    { id: "en-gb", label: "Anna", language: "en-GB" },
    { id: "any", label: "Echo" },
    { id: "odd", label: "Odd", language: "not a tag" },
    { id: "ru", label: "Boris", language: "ru" },
  ];
  expect(voiceOptions(voices, "ru").map(({ label }) => label)).toEqual([
    "русский: Boris",
    "британский английский: Anna",
    "Echo",
    "not a tag: Odd",
  ]);
});
