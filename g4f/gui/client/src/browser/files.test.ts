import { expect, test } from "vitest";

import { filesIn, isReadable } from "./files";

test("a file that is there can be read, an empty one too", async () => {
  expect(await Promise.all([new File(["a"], "a.txt"), new File([], "b.txt")].map(isReadable))).toEqual([true, true]);
});

test("a file that is gone cannot be read", async () => {
  const gone = new File(["a"], "a.txt");
  gone.slice = () => {
    const rest = new Blob();
    rest.arrayBuffer = () => Promise.reject(new DOMException("The file is gone.", "NotReadableError"));
    return rest;
  };
  expect(await isReadable(gone)).toBe(false);
});

test("nothing is dropped with nothing", () => {
  expect(filesIn(null)).toEqual([]);
});
