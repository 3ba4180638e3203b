import { applyLanguage } from "../browser/document";
import { read, write } from "../browser/storage";
import {
  type Catalogue,
  compact,
  dayOf,
  fileSize,
  list,
  load,
  type Locale,
  momentOf,
  money,
  percent,
  preferred,
  seconds,
  type Translate,
  translator,
} from "../i18n";

export type Language = "auto" | Locale;

/** The language of the page and everything written in it. */
export class Words {
  language = $state<Language>("auto");
  locale = $state<Locale>("en");
  #translate = $state.raw<Translate>((key) => key);

  /** Fetch the words of the chosen language; they must be there before anything is shown. */
  static async open(): Promise<Words> {
    const words = new Words();
    await words.#speak(read<Language>("language", "auto"));
    return words;
  }

  readonly t: Translate = (key, values) => this.#translate(key, values);

  /** Speak a language from now on; raises when its words cannot be fetched, and goes on as before. */
  async choose(language: Language): Promise<void> {
    const before = this.language;
    this.language = language;
    try {
      await this.#speak(language);
    } catch (error) {
      this.language = before;
      throw error;
    }
    write("language", language);
  }

  seconds(milliseconds: number): string {
    return seconds(this.locale, milliseconds);
  }

  fileSize(bytes: number): string {
    return fileSize(this.locale, bytes);
  }

  percent(part: number, whole: number): string {
    return percent(this.locale, part, whole);
  }

  money(micros: number, currency: string): string {
    return money(this.locale, micros, currency);
  }

  /** Write a day that is written like 2025-11-20. */
  day(day: string): string {
    return dayOf(this.locale, day);
  }

  /** Write a day and a time; the moment is in milliseconds since 1970. */
  moment(milliseconds: number): string {
    return momentOf(this.locale, milliseconds);
  }

  list(names: readonly string[]): string {
    return list(this.locale, names);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  /** Write a large number in few characters. */
  compact(value: number): string {
    return compact(this.locale, value);
  }

  async #speak(language: Language): Promise<void> {
    const locale = language === "auto" ? preferred(navigator.languages) : language;
    const catalogue: Catalogue = await load(locale);
    this.#translate = translator(locale, catalogue);
    this.locale = locale;
    this.language = language;
    applyLanguage(locale, language === "auto" ? "" : language);
  }
}
