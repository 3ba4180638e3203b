/** Sums in words. */
import type { SummaryRow } from "../../wire";

interface Money {
  money(micros: number, currency: string): string;
}

/** Return what a row cost, each currency by itself; empty when no price is known. */
export function spent({ costs }: SummaryRow, words: Money): string {
  return Object.entries(costs)
    .map(([currency, micros]) => words.money(micros, currency))
    .join(" + ");
}

/** Return how many attempts failed. */
export function failedOf({ errors }: SummaryRow): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}
