import { expect, test } from "vitest";

import { load, money, translator } from "../../i18n";
import type { BudgetState } from "../../wire";
import { filledOf, nameOf, standingOf } from "./budgets";

const budget = (fields: Partial<BudgetState>): BudgetState => {
  const named = { scope: "owner", period: "day", model: "", currency: null, limit: 200 } as const;
  return { ...named, spent: 0, reserved: 0, warned: false, ends_at: 0, ...fields };
};

test("a budget is called by what it gives, when, and of which model", async () => {
  const words = {
    t: translator("ru", await load("ru")),
    money: (micros: number): string => money("ru", micros, "RUB"),
  };
  expect(nameOf(budget({ limit: 3 }), words)).toBe("3 токена в день");
  expect(nameOf(budget({ period: "month", currency: "RUB", limit: 5_000_000, model: "m" }), words)).toMatch(
    /^5,00.₽ в месяц, m$/,
  );
});

test.each([
  [
    { spent: 50, reserved: 20 },
    { spent: 25, reserved: 10 },
  ],
  [
    { spent: 190, reserved: 90 },
    { spent: 95, reserved: 5 },
  ],
  [
    { spent: 999, reserved: 1 },
    { spent: 100, reserved: 0 },
  ],
])("a bar is never more than full (%#)", (used, filled) => {
  expect(filledOf(budget(used))).toEqual(filled);
});

test("a budget is fine, then warned of, then over", () => {
  const budgets = [
    budget({ spent: 9 }),
    budget({ spent: 170, warned: true }),
    budget({ spent: 170, reserved: 30, warned: true }),
  ];
  expect(budgets.map(standingOf)).toEqual(["fine", "warned", "over"]);
});
