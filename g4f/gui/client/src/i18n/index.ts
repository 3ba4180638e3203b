/** Words in the reader's language: typed keys, named values, plural forms and numbers through Intl. */
import type en from "./en.json";

export type Locale = "en" | "ru";
export type Key = keyof typeof en;

/** A sentence with `{names}` in it; one with forms is chosen by the value `count`. */
export type Entry = string | (Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string });
export type Catalogue = Readonly<Record<Key, Entry>>;
export type Values = Readonly<Record<string, string | number>>;
export type Translate = (key: Key, values?: Values) => string;

const CATALOGUES: Readonly<Record<Locale, () => Promise<{ default: Catalogue }>>> = {
  en: () => import("./en.json"),
  ru: () => import("./ru.json"),
};

export const LOCALES = Object.keys(CATALOGUES) as readonly Locale[];

/** Fetch the words of one language. */
export async function load(locale: Locale): Promise<Catalogue> {
  return (await CATALOGUES[locale]()).default;
}

/** Languages whose readers are more often at home in Russian than in English. */
const NEAR_RUSSIAN: readonly string[] = ["ru", "be", "kk", "ky", "tg", "uz"];

/** Return the first of the reader's languages that we speak; English when there is none. */
export function preferred(languages: readonly string[]): Locale {
  const known = languages.map((tag) => tag.toLowerCase().split("-", 1)[0] ?? "");
  const first = known.find((language) => language === "en" || NEAR_RUSSIAN.includes(language));
  return first === undefined || first === "en" ? "en" : "ru";
}

/** Return the function that gives the sentence of a key with its values in place. */
export function translator(locale: Locale, catalogue: Catalogue): Translate {
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const shown = (value: string | number): string => (typeof value === "number" ? number.format(value) : value);
  return (key, values = {}) => {
    const entry = catalogue[key];
    const text = typeof entry === "string" ? entry : (entry[plural.select(Number(values.count))] ?? entry.other);
    return text.replace(/\{(\w+)\}/g, (hole, name: string) => shown(values[name] ?? hole));
  };
}

/** Write a duration in seconds, with one decimal below ten; however short, it took some time. */
export function seconds(locale: Locale, milliseconds: number): string {
  const value = Math.max(0.1, milliseconds / 1000);
  const maximumFractionDigits = value < 9.95 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: "second",
    unitDisplay: "short",
    maximumFractionDigits,
  }).format(value);
}

/** Write a part of a whole in percent, rounded down: what is not all there is not 100 %. */
export function percent(locale: Locale, part: number, whole: number): string {
  const share = whole > 0 ? Math.min(1, Math.floor((100 * part) / whole) / 100) : 1;
  return new Intl.NumberFormat(locale, { style: "percent" }).format(share);
}

/** Write a size of `bytes`, in decimal units. */
export function fileSize(locale: Locale, bytes: number): string {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = ["byte", "kilobyte", "megabyte", "gigabyte"][power] ?? "byte";
  const maximumFractionDigits = power >= 2 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits,
  }).format(bytes / 1000 ** power);
}

/** Write an amount of `micros`, millionths of a currency; small ones to two digits that say something. */
export function money(locale: Locale, micros: number, currency: string): string {
  const amount = micros / 1_000_000;
  const digits = amount > 0 && amount < 0.1 ? { maximumSignificantDigits: 2 } : {};
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...digits }).format(amount);
}

/** Write a day that is written like 2025-11-20. */
export function dayOf(locale: Locale, day: string): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(day));
}

/** Write a moment, in milliseconds since 1970, as a day and a time of the reader's clock. */
export function momentOf(locale: Locale, moment: number): string {
  const shown = { day: "numeric", month: "long", hour: "numeric", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(locale, shown).format(moment);
}

/** Write several names one after another. */
export function list(locale: Locale, names: readonly string[]): string {
  return new Intl.ListFormat(locale).format(names);
}

/** Write a large number in few characters. */
export function compact(locale: Locale, value: number): string {
  return new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}
