import { expect, test } from "vitest";

import { FILE_LIMIT, readText } from "./files";

test("a UTF-8 file is read", async () => {
  expect(await readText(new File(["привет"], "a.txt"))).toEqual({
    name: "a.txt",
    size: 12,
    state: "ready",
    text: "привет",
  });
});

test.each([
  [new Uint8Array([0xff, 0xfe, 0x41]), "binary"],
  [new Uint8Array([0x41, 0x00]), "binary"],
  [new Uint8Array(FILE_LIMIT + 1), "large"],
])("what is no text, or too much of it, is refused", async (bytes, state) => {
  expect((await readText(new File([bytes], "a.bin"))).state).toBe(state);
});
