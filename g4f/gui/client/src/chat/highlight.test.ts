import { expect, test } from "vitest";

import { highlight } from "./highlight";

const CODE = 'def f():\n    return "x"  # why\n';

test("coloured code is the same text", async () => {
  const spans = await highlight(CODE, "py");
  expect(spans.map((span) => span.text).join("")).toBe(CODE);
});

test("keywords, strings and comments are told apart", async () => {
  const kinds = (await highlight(CODE, "python")).map((span) => span.kind);
  expect(kinds).toEqual(expect.arrayContaining(["hljs-keyword", "hljs-string", "hljs-comment"]));
});

test.each(["brainfuck", "constructor", ""])("the unknown language %j stays plain", async (language) => {
  expect(await highlight(CODE, language)).toEqual([{ kind: "", text: CODE }]);
});
