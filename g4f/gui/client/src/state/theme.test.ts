// @vitest-environment happy-dom
import { expect, test } from "vitest";

import { Theme } from "./theme.svelte";
import { Words } from "./words.svelte";

test("a chosen theme is shown, kept, and told to the server", () => {
  new Theme().choose("dark");
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(document.cookie).toContain("theme=dark");
  expect(new Theme().name).toBe("dark");
  new Theme().choose("auto");
  expect(document.cookie).not.toContain("dark");
});

test("a chosen language is spoken, kept, and told to the server", async () => {
  await (await Words.open()).choose("ru");
  const words = await Words.open();
  expect([words.t("undo"), document.documentElement.lang]).toEqual(["Вернуть", "ru"]);
  expect(document.cookie).toContain("lang=ru");
});
