import fc from "fast-check";
import { expect, test } from "vitest";

import { contentOf, readContent } from "./files";

const attachment = fc
  .record({ name: fc.stringMatching(/^\w{1,9}\.txt$/), text: fc.string({ unit: "grapheme" }) })
  .map(({ name, text }) => ({ name, text, size: new TextEncoder().encode(text).length }));

test("a question and its files come back as they were sent", () => {
  fc.assert(
    fc.property(fc.constantFrom("Why?", "один\n\nдва"), fc.array(attachment, { maxLength: 3 }), (text, files) => {
      expect(readContent(contentOf(text, files))).toEqual({ text, files });
    }),
  );
});

test("a question without files is sent as it is", () => {
  expect(contentOf("Why?", [])).toBe("Why?");
});
