import { expect, test } from "vitest";

import {
  type Catalogue,
  dayOf,
  type Entry,
  fileSize,
  load,
  LOCALES,
  money,
  percent,
  preferred,
  seconds,
  translator,
} from ".";

const catalogues = new Map<string, Catalogue>();
for (const locale of LOCALES) catalogues.set(locale, await load(locale));

const forms = (entry: Entry): string[] => (typeof entry === "string" ? [entry] : Object.values(entry));
const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

test.each(LOCALES)("%s has the keys of English, no more and no fewer", (locale) => {
  const keys = (name: string): string[] => Object.keys(catalogues.get(name) ?? {}).toSorted();
  expect(keys(locale)).toEqual(keys("en"));
});

test.each(LOCALES)("every sentence of %s has the values of its English one", (locale) => {
  const english = catalogues.get("en");
  for (const [key, entry] of Object.entries(catalogues.get(locale) ?? {})) {
    const expected = english ? holes(forms(english[key as keyof Catalogue])[0] ?? "") : [];
    for (const form of forms(entry)) expect(holes(form), key).toEqual(expected);
  }
});

test.each(LOCALES)("plural sentences of %s have every form its grammar asks for", (locale) => {
  const grammar = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted();
  for (const [key, entry] of Object.entries(catalogues.get(locale) ?? {})) {
    if (typeof entry !== "string") expect(Object.keys(entry).toSorted(), key).toEqual(grammar);
  }
});

test("numbers choose the form of the word", async () => {
  const t = translator("ru", await load("ru"));
  expect([1, 3, 418].map((count) => t("turn.tokens", { count }))).toEqual(["1 токен", "3 токена", "418 токенов"]);
});

test("a sentence that counts something beside a number has forms of it in every language", () => {
  const counting = Object.entries(catalogues.get("en") ?? {}).filter(([, entry]) =>
    forms(entry).some((form) => /\{count\} [a-z]+s\b/.test(form)),
  );
  expect(counting.filter(([, entry]) => typeof entry === "string").map(([key]) => key)).toEqual([]);
});

test("a value may itself look like a hole", async () => {
  const t = translator("en", await load("en"));
  expect(t("turn.switched", { provider: "{message}", message: "$& no" })).toBe("No answer from {message}: $& no");
});

test.each([
  [["ru-RU", "en"], "ru"],
  [["de", "en-GB", "ru"], "en"],
  [["kk-KZ"], "ru"],
  [["fr"], "en"],
  [[], "en"],
])("a reader of %j is addressed in %s", (languages, locale) => {
  expect(preferred(languages)).toBe(locale);
});

test("a part of a whole is all of it only when all is there", () => {
  expect([percent("en", 0, 0), percent("en", 999, 1000), percent("ru", 5, 4)]).toEqual(["100%", "99%", "100\u00a0%"]);
});

test("durations and sizes are written by Intl", () => {
  expect(fileSize("en", 20 * 1024 ** 3)).toBe("21.5 GB");
  expect([seconds("ru", 6240), seconds("en", 12_400), seconds("en", 3)]).toEqual(["6,2 с", "12 sec", "0.1 sec"]);
  expect([fileSize("en", 0), fileSize("en", 1500), fileSize("ru", 1_800_000)]).toEqual(["0 bytes", "2 kB", "1,8 МБ"]);
});

test("money and days are written by Intl, small amounts to two digits that say something", () => {
  expect([money("en", 1_250_000, "USD"), money("en", 1234, "USD"), money("en", 0, "EUR")]).toEqual([
    "$1.25",
    "$0.0012",
    "€0.00",
  ]);
  expect([dayOf("en", "2025-11-20"), dayOf("ru", "2025-11-20")]).toEqual(["Nov 20", "20 нояб."]);
});
