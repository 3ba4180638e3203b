/** What is drawn of the sums: for each day or name the tokens that were sent and those that came back. */
import type { Summary, SummaryRow } from "../../wire";
import { daysOf } from "./days";

export interface Bar {
  readonly key: string;
  readonly sent: number;
  readonly received: number;
}

/** Return a bar for each row; days without any usage have an empty one. */
export function barsOf({ by, rows, from, to }: Summary): readonly Bar[] {
  if (by !== "day") return rows.map(barOf);
  const known = new Map(rows.map((row) => [row.key, row]));
  return daysOf({ from, to }).map((key) => barOf(known.get(key) ?? { key, prompt_tokens: 0, completion_tokens: 0 }));
}

/** Return the end of an axis that `value` fits on: 1, 2 or 5 and noughts. */
export function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return (([1, 2, 5] as const).find((step) => step * power >= value) ?? 10) * power;
}

function barOf(row: Pick<SummaryRow, "key" | "prompt_tokens" | "completion_tokens">): Bar {
  return { key: row.key, sent: row.prompt_tokens, received: row.completion_tokens };
}
