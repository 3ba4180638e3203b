import { expect, test } from "vitest";

import { Draft } from "./draft.svelte";

test("a file of the same name replaces the one before", async () => {
  const draft = new Draft();
  await draft.attach([new File(["old"], "a.txt"), new File(["b"], "b.txt")]);
  await draft.attach([new File(["new"], "a.txt")]);
  expect(draft.files.map(({ name }) => name)).toEqual(["b.txt", "a.txt"]);
  draft.detach("b.txt");
  expect(draft.take().files).toEqual([{ name: "a.txt", size: 3, text: "new" }]);
});

test("taking the message leaves out what could not be read, and starts an empty one", async () => {
  const draft = new Draft();
  draft.text = " Hi ";
  await draft.attach([new File([new Uint8Array([0xff])], "picture.png")]);
  expect(draft.take()).toEqual({ text: "Hi", files: [] });
  expect(draft).toMatchObject({ text: "", files: [] });
});
