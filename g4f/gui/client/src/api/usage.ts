/** What answers used. */
import { addressOf } from "../browser/address";
import type { Summary } from "../wire";
import { get } from "./http";

/** Days, both included and written like 2025-11-20, and what is summed. */
export interface Asked {
  readonly from: string;
  readonly to: string;
  readonly by: Summary["by"];
}

export const getSummary = (asked: Asked): Promise<Summary> => get(summaryAddress(asked));

/** Return where the sums are as comma separated values. */
export const csvAddress = (asked: Asked): string => `${summaryAddress(asked)}&format=csv`;

const summaryAddress = ({ from, to, by }: Asked): string =>
  addressOf(`/backend-api/v2/usage/summary?${new URLSearchParams({ from, to, by }).toString()}`);
