/** What is to be said of a text that may still be written. */
import { wait } from "../browser/attention";
import { type Prose, proseOf } from "../browser/prose";
import { sentencesOf } from "../chat/sentences";

/** A text on the page. */
export interface Readable {
  /** Tells it from others. */
  readonly key: string;
  root(): Element | null;
  /** More of it may follow. */
  live(): boolean;
}

export interface Sentence {
  readonly text: string;
  readonly range: StaticRange;
}

/** Milliseconds between two looks for more of the text. */
const LOOK = 100;

/** Goes through a text of the page sentence by sentence; a block of code is one word, `code`. */
export class Script {
  #at = 0;

  constructor(
    private readonly text: Readable,
    private readonly code: string,
  ) {}

  /** Return the sentence it is at as soon as that is finished, or null when the text has ended. */
  async current(signal: AbortSignal): Promise<Sentence | null> {
    while (this.#find(this.#at) === null && this.text.live() && !signal.aborted) await wait(LOOK, signal);
    return this.#find(this.#at);
  }

  /** Return the sentence after it, or null when that is not finished. */
  get following(): Sentence | null {
    return this.#find(this.#at + 1);
  }

  advance(): void {
    this.#at += 1;
  }

  /** While the text is written, its last sentence may go on. */
  #find(number: number): Sentence | null {
    const sentences = this.#sentences();
    const isFinished = !this.text.live() || number + 1 < sentences.length;
    return (isFinished && sentences[number]) || null;
  }

  #sentences(): readonly Sentence[] {
    const root = this.text.root();
    return root === null ? [] : proseOf(root).flatMap((prose) => this.#sentencesIn(prose));
  }

  #sentencesIn(prose: Prose): readonly Sentence[] {
    const { text, isCode } = prose;
    if (isCode) return [{ text: this.code, range: prose.range(text.search(/\S/), text.trimEnd().length) }];
    return sentencesOf(text).map(({ start, end }) => {
      const said = text.slice(start, end).replace(/\s+/g, " ");
      return { text: said, range: prose.range(start, end) };
    });
  }
}
