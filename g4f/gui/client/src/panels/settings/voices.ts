/** Voices to choose from, with the languages they speak. */
import type { Voice } from "../../wire";

/** Return the voices under the names of their languages, those of the reader's own language first. */
export function voiceOptions(voices: readonly Voice[], locale: string): readonly { value: string; label: string }[] {
  const names = new Intl.DisplayNames([locale], { type: "language" });
  const isForeign = ({ language = "" }: Voice): boolean => language.split("-", 1)[0] !== locale;
  const options = voices.map((voice) => {
    const language = nameIn(names, voice.language ?? "");
    const label = language === "" ? voice.label : `${language}: ${voice.label}`;
    return { value: voice.id, label, foreign: isForeign(voice) };
  });
  return options.toSorted(
    (one, other) => Number(one.foreign) - Number(other.foreign) || one.label.localeCompare(other.label, locale),
  );
}

/** Some engines name languages that are none of Intl's. */
function nameIn(names: Intl.DisplayNames, tag: string): string {
  try {
    return tag === "" ? "" : (names.of(tag) ?? tag);
  } catch {
    return tag;
  }
}
