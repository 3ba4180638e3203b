/** Days as the ledger counts them: in UTC, written like 2025-11-20. */

const DAY = 86_400_000;

/** Return the last so many days, today among them. */
export function spanOf(days: number, now: number): { readonly from: string; readonly to: string } {
  return { from: written(now - (days - 1) * DAY), to: written(now) };
}

/** Return every day of a span. */
export function daysOf({ from, to }: { readonly from: string; readonly to: string }): readonly string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
  return Array.from({ length: count }, (_, index) => written(Date.parse(from) + index * DAY));
}

function written(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
