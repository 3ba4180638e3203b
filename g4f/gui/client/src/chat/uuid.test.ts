import { expect, test } from "vitest";

import { uuid7 } from "./uuid";

test("an id is a UUID of version 7", () => {
  expect(uuid7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ids sort by their moment, and no two are the same", () => {
  expect(uuid7(1_000) < uuid7(2_000) && uuid7(2_000) < uuid7(2 ** 45)).toBe(true);
  expect(new Set(Array.from({ length: 1000 }, () => uuid7(5))).size).toBe(1000);
});
