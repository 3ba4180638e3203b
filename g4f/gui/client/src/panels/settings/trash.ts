/** What the trash tells of a file. */
import type { Translate } from "../../i18n";
import type { Trash } from "../../wire";

const DAY = 86_400_000;

/** Return how long a file can still be restored; both moments are in milliseconds. */
export function leftOf({ expires_at }: Pick<Trash["files"][number], "expires_at">, now: number, t: Translate): string {
  const days = (expires_at - now) / DAY;
  return days < 1 ? t("trash.today") : t("trash.days", { count: Math.round(days) });
}

/** Return the moment before which all that is listed was deleted, and nothing that came after. */
export function seenBefore({ files }: Trash): number {
  return Math.max(0, ...files.map(({ deleted_at }) => deleted_at)) + 1;
}
