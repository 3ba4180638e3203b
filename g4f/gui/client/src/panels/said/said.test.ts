import { expect, test } from "vitest";

import { fileSize, load, type Locale, money, percent, seconds, translator } from "../../i18n";
import type { Said } from "../../wire";
import { ApiError, ConnectionLost } from "../../api/http";
import { REASONS } from "./reasons";
import { reasonOf, say, type Speaker } from "./said";

async function speaker(locale: Locale): Promise<Speaker> {
  return {
    t: translator(locale, await load(locale)),
    fileSize: (bytes) => fileSize(locale, bytes),
    moment: (moment) => new Date(moment).toISOString().slice(0, 10),
    money: (micros, currency) => money(locale, micros, currency),
    percent: (part, whole) => percent(locale, part, whole),
    seconds: (milliseconds) => seconds(locale, milliseconds),
  };
}

const english = await speaker("en");
const russian = await speaker("ru");

const said = (code: string, values: NonNullable<Said["values"]> = {}): Said => ({ message: "As it is.", code, values });
const monthly = { period: "month", model: "", limit: 5000, currency: null, ends_at: Date.UTC(2025, 11, 1) };

test.each([
  [said("unreadable_file", { reason: "scan" }), "The PDF is a scan without text"],
  [said("unreadable_file", { reason: "scan", name: "a.pdf" }), "a.pdf was left out: The PDF is a scan"],
  [said("unreadable_file", { reason: "encrypted", about: "b.doc" }), "It concerns “b.doc”."],
  [said("unsupported_media_type", { name: "tool.exe" }), "Files of this kind are not taken here"],
  [said("payload_too_large", { limit: 2_000_000 }), "A file may take 2 MB at most"],
  [said("storage_full", { quota: 3_000_000_000 }), "what is left of your 3 GB"],
  [said("storage_full"), "The disk of the server is full"],
  [said("too_many_runs", { a_minute: 20, seconds: 40 }), "20 answers a minute are allowed. Ask again in 40 sec."],
  [said("too_many_runs", { in_line: 1, seconds: 5 }), "1 of your answers waits in line already. Ask again in 5 sec."],
  [said("in_line", { place: 3 }), "Number 3 in line"],
  [said("left_out", { messages: 1, tokens: 9, window: 20 }), "1 earlier message did not fit the model's window"],
  [said("budget_spent", monthly), "The budget is spent: 5,000 tokens a month. It begins anew on 2025-12-01."],
  [
    said("budget_warning", { ...monthly, model: "m", limit: 2_000_000, currency: "EUR", percent: 81 }),
    "81% of the budget is used: €2.00 a month, m. It begins anew on 2025-12-01.",
  ],
])("what the server says is said in the words of the page (%#)", (words, expected) => {
  expect(say(words, english)).toContain(expected);
  expect(say(words, russian)).toMatch(/[а-я]{3}/);
  expect(say(words, russian)).not.toMatch(/\{\w+\}|As it is/);
});

const refused = { message: "a", code: "provider_unreachable", values: { reason: "refused", host: "h:1" } };

test.each([
  [{ reason: "key_refused", host: "h:1", status: 401, detail: "Wrong." }, "кодом 401: «Wrong.» (проверьте ключ"],
  [{ reason: "answered", host: "h:1", status: 404, detail: "" }, "Сервер h:1 ответил кодом 404: без объяснения"],
  [{ reason: "too_large", tokens: 19_500, room: 1125, window: 1500 }, "принимает здесь 1 125: её окно — 1 500"],
  [{ reason: "all_failed", causes: [{ name: "1. A", ...refused }, { message: "B: no" }] }, ":\n1. A: h:1 не принимает"],
  [{ reason: "all_failed", causes: [refused, { message: "As they say." }] }, "сервер?\nAs they say."],
])("a code that stands for several things is told by its reason (%#)", (values, expected) => {
  expect(say(said("any_code", values), russian).replaceAll("\u00a0", " ")).toContain(expected);
});

test("every reason has its sentence, and every sentence its reason", async () => {
  const sentences = Object.keys(await load("en")).filter((key) => key.startsWith("said."));
  expect(sentences.toSorted()).toEqual(REASONS.map((reason) => `said.${reason}`).toSorted());
});

test("a request that failed says why in the reader's language", () => {
  expect(reasonOf(new ConnectionLost(new TypeError("Failed to fetch")), russian)).toBe("Нет связи с сервером");
  expect(reasonOf(new ApiError("No chat.", 404, "not_found", "", { reason: "no_chat" }), russian)).toContain(
    "чата нет",
  );
  expect(reasonOf(new ApiError("As it is.", 418, "", ""), russian)).toBe("As it is.");
});

test.each([
  { message: "As it is." },
  said("of_tomorrow"),
  said("unreadable_file", { reason: "of_tomorrow" }),
  said("unreadable_file"),
  said("unsupported_media_type"),
  said("payload_too_large", { limit: "much" }),
  said("too_many_runs", { seconds: 40 }),
  said("budget_spent", { ...monthly, period: "year" }),
  said("budget_spent"),
])("what the page has no words for stays as the server says it (%#)", (words) => {
  expect(say(words, russian)).toBe("As it is.");
});
