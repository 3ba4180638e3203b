/** Chats by the day they were last used. */
import type { Key } from "../../i18n";

const PERIODS = ["chats.today", "chats.yesterday", "chats.week", "chats.earlier"] as const satisfies readonly Key[];

export interface Period<Entry> {
  readonly title: (typeof PERIODS)[number];
  readonly entries: readonly Entry[];
}

/** Group entries, newest first, by calendar days of this place; periods without any are left out. */
export function byPeriod<Entry extends { readonly updated_at: number }>(
  entries: readonly Entry[],
  now: Date,
): readonly Period<Entry>[] {
  const starts = [0, 1, 6].map((days) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime());
  const periodOf = ({ updated_at }: Entry): number => starts.filter((start) => updated_at < start).length;
  return PERIODS.map((title, index) => ({
    title,
    entries: entries.filter((entry) => periodOf(entry) === index),
  })).filter((period) => period.entries.length > 0);
}
