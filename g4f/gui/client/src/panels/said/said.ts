/** What the server says, in the words of the page; its own sentence where the page has none. */
import { ApiError, ConnectionLost } from "../../api/http";
import type { Key, Translate } from "../../i18n";
import type { Said } from "../../wire";
import { type Money, nameOf } from "./budgets";
import { REASONS } from "./reasons";

/** Says things in the reader's language. */
export interface Speaker extends Money {
  readonly t: Translate;
  fileSize(bytes: number): string;
  moment(milliseconds: number): string;
  percent(part: number, whole: number): string;
  seconds(milliseconds: number): string;
}

// prettier-ignore
const UNREADABLE = [
  "unsupported", "media", "empty", "scan", "encrypted", "broken", "crashed", "hopeless", "slow", "memory", "long", "bomb",
  "crowded", "overlapping", "outside", "link", "nested", "picture", "heavy", "unread",
] as const;

/** Return what the server says. */
export function say(said: Said, words: Speaker): string {
  return sentenceOf(said, words) ?? withReason(said.values ?? {}, words) ?? said.message;
}

/** Return why a request failed. */
export function reasonOf(error: unknown, words: Speaker): string {
  if (error instanceof ConnectionLost) return words.t("unreachable");
  return error instanceof ApiError ? say(error, words) : String(error);
}

function sentenceOf({ code = "", values = {} }: Said, words: Speaker): string | null {
  switch (code) {
    case "unreadable_file":
      return leftOut(values, words);
    case "unsupported_media_type":
      return values.name === undefined ? null : words.t("refused.kind");
    case "payload_too_large":
      return typeof values.limit === "number" ? words.t("refused.size", { size: words.fileSize(values.limit) }) : null;
    case "storage_full":
      return typeof values.quota === "number"
        ? words.t("refused.quota", { size: words.fileSize(values.quota) })
        : words.t("refused.disk");
    case "too_many_runs":
      return tooMany(values, words);
    case "left_out":
      return typeof values.messages === "number" ? words.t("left_out", { count: values.messages }) : null;
    case "in_line":
      return typeof values.place === "number" ? words.t("in_line", { place: values.place }) : null;
    case "budget_spent":
      return ofBudget("budget.spent", values, words);
    case "budget_warning":
      return ofBudget("budget.warning", values, words);
    default:
      return null;
  }
}

type Values = NonNullable<Said["values"]>;

/** Another side's own words stay as they are. */
function withReason({ reason, detail, causes, ...values }: Values, words: Speaker): string | null {
  const known = REASONS.find((each) => each === reason);
  if (known === undefined) return null;
  const quoted = typeof detail === "string" && detail ? words.t("detail", { detail }) : words.t("detail.none");
  return words.t(`said.${known}`, { ...plain(values), detail: quoted, causes: causesOf(causes, words) });
}

function plain(values: Values): Record<string, string | number> {
  const isPlain = ([, value]: [string, unknown]): boolean => typeof value === "string" || typeof value === "number";
  return Object.fromEntries(Object.entries(values).filter(isPlain)) as Record<string, string | number>;
}

interface Cause extends Said {
  readonly name?: string;
}

function causesOf(causes: unknown, words: Speaker): string {
  const told = (cause: Cause): string => (cause.name ? `${cause.name}: ` : "") + say(cause, words);
  return Array.isArray(causes) ? (causes as Cause[]).map(told).join("\n") : "";
}

function leftOut({ name, reason, about }: Values, words: Speaker): string | null {
  const known = UNREADABLE.find((each) => each === reason);
  if (known === undefined) return null;
  const why = words.t(`unreadable.${known}`);
  const whole = typeof about === "string" ? words.t("unreadable.about", { reason: why, name: about }) : why;
  return typeof name === "string" ? words.t("file.left_out", { name, reason: whole }) : whole;
}

function tooMany({ seconds, a_minute, in_line }: Values, words: Speaker): string | null {
  if (typeof seconds !== "number") return null;
  const time = words.seconds(1000 * seconds);
  if (typeof a_minute === "number") return words.t("refused.a_minute", { count: a_minute, time });
  return typeof in_line === "number" ? words.t("refused.in_line", { count: in_line, time }) : null;
}

function ofBudget(
  key: Key,
  { limit, currency, period, model, ends_at, percent }: Values,
  words: Speaker,
): string | null {
  if (typeof limit !== "number" || (period !== "day" && period !== "month") || typeof ends_at !== "number") return null;
  const named = typeof model === "string" ? model : "";
  const budget = nameOf(
    { limit, currency: typeof currency === "string" ? currency : null, period, model: named },
    words,
  );
  const share = typeof percent === "number" ? words.percent(percent, 100) : "";
  return words.t(key, { budget, time: words.moment(ends_at), percent: share });
}
