/** Budgets in words. */
import type { Translate } from "../../i18n";
import type { BudgetState } from "../../wire";

/** Writes amounts in the reader's language. */
export interface Money {
  readonly t: Translate;
  money(micros: number, currency: string): string;
}

/** How much may be used, and when. */
export type Budget = Pick<BudgetState, "limit" | "currency" | "period" | "model">;

/** Return an amount of tokens, or of money where there is a currency. */
export function amountOf(amount: number, currency: string | null, words: Money): string {
  return currency === null ? words.t("budget.tokens", { count: amount }) : words.money(amount, currency);
}

/** Return what a budget is called. */
export function nameOf({ limit, currency, period, model }: Budget, words: Money): string {
  const budget = words.t(`budget.${period}`, { amount: amountOf(limit, currency, words) });
  return model === "" ? budget : words.t("budget.model", { budget, model });
}

/** How much of a bar is filled, in percent: what is spent, and on top what is held back. */
export interface Filled {
  readonly spent: number;
  readonly reserved: number;
}

/** Return how far a budget is used; a bar is never more than full. */
export function filledOf({ spent, reserved, limit }: Pick<BudgetState, "spent" | "reserved" | "limit">): Filled {
  const share = Math.min(100, (100 * spent) / limit);
  return { spent: share, reserved: Math.min(100 - share, (100 * reserved) / limit) };
}

/** Return how it stands with a budget. */
export function standingOf({ spent, reserved, limit, warned }: BudgetState): "fine" | "warned" | "over" {
  if (spent + reserved >= limit) return "over";
  return warned ? "warned" : "fine";
}
