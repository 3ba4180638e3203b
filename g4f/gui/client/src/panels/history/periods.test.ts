import { expect, test } from "vitest";

import { byPeriod } from "./periods";

const NOW = new Date(2026, 10, 20, 15, 0);
const at = (day: number, hour: number): { updated_at: number } => ({
  updated_at: new Date(2026, 10, day, hour).getTime(),
});

test("chats are grouped by calendar day", () => {
  const entries = [at(20, 0), at(19, 23), at(19, 0), at(18, 23), at(14, 0), at(13, 23)];
  const counts = byPeriod(entries, NOW).map((period) => [period.title, period.entries.length]);
  expect(counts).toEqual([
    ["chats.today", 1],
    ["chats.yesterday", 2],
    ["chats.week", 2],
    ["chats.earlier", 1],
  ]);
});

test("a period without chats has no heading", () => {
  expect(byPeriod([at(1, 0)], NOW).map((period) => period.title)).toEqual(["chats.earlier"]);
});
