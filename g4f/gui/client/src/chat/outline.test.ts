import { lexer, type MarkedToken } from "marked";
import { expect, test } from "vitest";

import { outline } from "./outline";

test.each([
  ["# a\n\ntext\n\n## b\n\n# c", [1, 0, 2, 1]],
  ["### a\n\n### b", [1, 1]],
  ["## a\n\n##### b\n\n#### c\n\n# d", [1, 2, 2, 1]],
])("%j has the levels %j", (source, levels) => {
  const tokens = (lexer(source) as MarkedToken[]).filter(({ type }) => type !== "space");
  expect(outline(tokens)).toEqual(levels);
});
