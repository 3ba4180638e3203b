import { expect, test } from "vitest";

import type { SummaryRow } from "../../wire";
import { barsOf, roundedUp } from "./bars";
import { daysOf, spanOf } from "./days";
import { failedOf, spent } from "./sums";

const row = (fields: Partial<SummaryRow>): SummaryRow => {
  const tokens = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, reasoning_tokens: 0, cached_tokens: 0 };
  const rest = { prompt_audio_tokens: 0, completion_audio_tokens: 0, images: 0, estimated_tokens: 0, unpriced: 0 };
  const waits = { first_token_ms: null, longest_first_token_ms: null };
  return { key: "", attempts: 1, ...tokens, ...rest, ...waits, costs: {}, errors: {}, ...fields };
};

test("the last days end today, in the days of the ledger", () => {
  const now = Date.parse("2025-03-02T23:30:00Z");
  expect(spanOf(7, now)).toEqual({ from: "2025-02-24", to: "2025-03-02" });
  expect(daysOf(spanOf(4, now))).toEqual(["2025-02-27", "2025-02-28", "2025-03-01", "2025-03-02"]);
});

test("a day without usage has an empty bar, and a model keeps its rank", () => {
  const span = { from: "2025-03-01", to: "2025-03-02", totals: row({}), budgets: [] };
  expect(barsOf({ ...span, by: "day", rows: [row({ key: "2025-03-02" })] })).toEqual([
    { key: "2025-03-01", sent: 0, received: 0 },
    { key: "2025-03-02", sent: 3, received: 4 },
  ]);
  const ranked = barsOf({ ...span, by: "model", rows: [row({ key: "b" }), row({ key: "a" })] });
  expect(ranked.map(({ key }) => key)).toEqual(["b", "a"]);
});

test("an axis ends at a round number that everything fits under", () => {
  expect([0, 1, 7, 418, 1000, 5001].map(roundedUp)).toEqual([1, 1, 10, 500, 1000, 10_000]);
});

test("currencies are not added to one another, and errors are", () => {
  const words = { money: (micros: number, currency: string): string => `${micros} ${currency}` };
  expect(spent(row({ costs: { EUR: 5, USD: 7 } }), words)).toBe("5 EUR + 7 USD");
  expect(failedOf(row({ errors: { RateLimitError: 2, TimeoutError: 1 } }))).toBe(3);
});
