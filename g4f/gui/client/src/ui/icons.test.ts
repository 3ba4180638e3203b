import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { ICONS } from "./icons";

test("every icon name has its symbol, and every symbol its name", () => {
  const sprite = readFileSync(new URL("./icons.svg", import.meta.url), "utf-8");
  expect([...sprite.matchAll(/<symbol id="(\w+)"/g)].map((match) => match[1])).toEqual([...ICONS]);
});
