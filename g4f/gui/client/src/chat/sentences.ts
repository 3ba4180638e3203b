/** The sentences of a text, which are read aloud one at a time. */

/** A part of a text, from one character to before another. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Characters after which a sentence is cut at a pause. */
const LONGEST = 400;
const PAUSED = new RegExp(`^.{100,${LONGEST - 1}}[,;:—–)](?=\\s)|^.{1,${LONGEST - 1}}(?=\\s)|^.{1,${LONGEST}}`, "su");
const SAID = /[\p{L}\p{N}]/u;

/** Return where the sentences of a text are, without the blanks around them; one without a word is none. */
export function sentencesOf(text: string): readonly Stretch[] {
  const segments = new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text);
  return Array.from(segments, ({ segment, index }) => parts(segment, index))
    .flat()
    .filter(({ start, end }) => SAID.test(text.slice(start, end)));
}

/** Return the language tag a browser's voice is chosen by; only the script is looked at. */
export function languageOf(text: string): "en" | "ru" {
  return /\p{Script=Cyrillic}/u.test(text) ? "ru" : "en";
}

function parts(segment: string, index: number): readonly Stretch[] {
  const text = segment.trim();
  const start = index + segment.indexOf(text);
  if (text.length <= LONGEST) return [{ start, end: start + text.length }];
  const cut = PAUSED.exec(text)?.[0].length ?? LONGEST;
  return [{ start, end: start + cut }, ...parts(text.slice(cut), start + cut)];
}
