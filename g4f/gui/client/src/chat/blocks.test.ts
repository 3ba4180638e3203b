import fc from "fast-check";
import { lexer } from "marked";
import { expect, test } from "vitest";

import { type Block, BlockStream } from "./blocks";

/** Pieces that are hard to split: each changes what the lines around it mean. */
const PIECES = [
  "Plain words, *emphasis*, `code` and [a link](https://example.com).\n",
  "A heading by its underline\n===\n",
  "Another\n---\n",
  "# Heading\n",
  "- one\n- two\n",
  "- loose\n\n- items\n\n  with a paragraph\n",
  "1. first\n   - nested\n     1. deeper\n",
  "- [x] done\n- [ ] open\n",
  "> quoted\nlazy continuation\n",
  "> - a list\n> - in a quote\n\n",
  "```python\ndef f():\n\n    return 1\n```\n",
  "~~~\n```\nnested fence\n```\n~~~\n",
  "```\nnever closed\n\n",
  "    indented code\n\n    goes on\n",
  "| a | b |\n| --- | ---: |\n| 1 | 2 |\n",
  "<div>\n\nraw *html*\n\n</div>\n",
  "<!-- a comment\n\nwith a blank line -->\n",
  "See [one] and [two][one].\n",
  "[one]: https://example.com 'Title'\n",
  "***\n",
  "two spaces  \nbreak\\\nthe line\n",
  "Windows\r\nlines\r\n",
  "\n",
  "\n\n",
  "Привет, **мир** 👋🏽\n",
];

const documents = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 12 })
  .map((pieces) => pieces.join(""));

function tokens(blocks: readonly Block[]): unknown[] {
  return blocks.map((block) => block.token);
}

function atOnce(text: string): unknown[] {
  return [...lexer(text)].filter((token) => token.type !== "space");
}

function prefixes(text: string, cuts: readonly number[]): string[] {
  return cuts.map((cut) => text.slice(0, cut % (text.length + 1))).toSorted((one, other) => one.length - other.length);
}

test("a text that arrives in pieces ends as the blocks of the whole text", () => {
  fc.assert(
    fc.property(documents, fc.array(fc.nat(), { maxLength: 40 }), (text, cuts) => {
      const stream = new BlockStream();
      for (const prefix of prefixes(text, cuts)) stream.update(prefix);
      expect(tokens(stream.update(text, true))).toEqual(atOnce(text));
    }),
    { numRuns: 600 },
  );
});

test("while it arrives, a text without references already has the blocks of what is there", () => {
  const plain = documents.filter((text) => !text.includes("[one]"));
  fc.assert(
    fc.property(plain, fc.array(fc.nat(), { maxLength: 40 }), (text, cuts) => {
      const stream = new BlockStream();
      for (const prefix of prefixes(text, cuts)) expect(tokens(stream.update(prefix))).toEqual(atOnce(prefix));
    }),
    { numRuns: 300 },
  );
});

test("settled blocks keep their identity", () => {
  const stream = new BlockStream();
  const before = stream.update("one\n\ntwo\n\nthree\n\nfo");
  const after = stream.update("one\n\ntwo\n\nthree\n\nfour and more");
  expect(after.slice(0, 3).map((block, index) => block === before[index])).toEqual([true, true, true]);
});

test("only the last block is open, and none when the text is finished", () => {
  const stream = new BlockStream();
  expect(stream.update("one\n\n```\ntwo").map((block) => block.open)).toEqual([false, true]);
  expect(stream.update("one\n\n```\ntwo", true).map((block) => block.open)).toEqual([false, false]);
});

test("a text that does not continue the last one starts afresh", () => {
  const stream = new BlockStream();
  stream.update("one\n\ntwo\n\nthree\n\nfour");
  expect(tokens(stream.update("another"))).toEqual(atOnce("another"));
});

test("a link whose reference is defined below is repaired at the end", () => {
  const text = "See [one].\n\na\n\nb\n\nc\n\n[one]: https://example.com\n";
  const stream = new BlockStream();
  stream.update(text.slice(0, 20));
  expect(JSON.stringify(stream.update(text, true)[0])).toContain("https://example.com");
});

test("a text that goes on after its end has the blocks of the whole", () => {
  const stream = new BlockStream();
  stream.update("Half a sen", true);
  expect(tokens(stream.update("Half a sentence.\n\nAnd more.", true))).toEqual(atOnce("Half a sentence.\n\nAnd more."));
});
