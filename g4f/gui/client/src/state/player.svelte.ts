import { synthesize } from "../api/speech";
import { isTrouble, type Trouble } from "../api/http";
import { mark } from "../browser/marking";
import { Sound, Unplayable } from "../browser/sound";
import { languageOf } from "../chat/sentences";
import { type Readable, Script, type Sentence } from "./script";
import { BROWSER, type Speech } from "./speech.svelte";

/** Why reading broke off: no sound came, or the browser cannot play it. */
export type Broken = Trouble | Unplayable;

interface Made {
  readonly text: string;
  readonly sound: Promise<Blob>;
}

/** Reads one text aloud: while a sentence is heard, the next one is made. */
export class Player {
  /** Key of the text that is read, if any. */
  reading = $state<string | null>(null);
  paused = $state(false);
  /** The sentence that is heard; empty before the first one. */
  sentence = $state("");
  engine = $state("");
  broken = $state.raw<Broken | null>(null);
  readonly #sound = new Sound();
  #script: Script | null = null;
  #made: Made | null = null;
  #letGo = new AbortController();

  constructor(private readonly speech: Speech) {}

  /** Read a text from its beginning; `code` is said in place of a block of code. */
  async listen(text: Readable, code: string): Promise<void> {
    this.stop();
    this.#sound.unlock();
    this.reading = text.key;
    this.#script = new Script(text, code);
    await this.goOn(this.speech.engine);
  }

  /** Read on with an engine, from the sentence where reading broke off. */
  async goOn(engine: string): Promise<void> {
    const script = this.#script;
    if (script === null) return;
    const { signal } = (this.#letGo = new AbortController());
    this.engine = engine;
    this.#made = null;
    this.broken = null;
    this.#sound.speed = this.speech.preferred.speed;
    try {
      await this.#read(script, signal);
      if (!signal.aborted) this.stop();
    } catch (error) {
      if (!isTrouble(error) && !(error instanceof Unplayable)) throw error;
      if (!signal.aborted) this.broken = error;
    }
  }

  toggle(): void {
    this.paused = !this.paused;
    if (this.paused) this.#sound.pause();
    else this.#sound.resume();
  }

  setSpeed(speed: number): void {
    this.#sound.speed = speed;
    this.speech.prefer({ speed });
  }

  stop(): void {
    this.#letGo.abort();
    mark(null);
    this.reading = this.broken = null;
    this.paused = false;
    this.sentence = "";
  }

  /** A text has left the page. */
  leave(key: string): void {
    if (this.reading === key) this.stop();
  }

  async #read(script: Script, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const sentence = await script.current(signal);
      if (sentence === null) return;
      await this.#say(sentence, script, signal);
      script.advance();
    }
  }

  async #say(sentence: Sentence, script: Script, signal: AbortSignal): Promise<void> {
    const sound = this.engine === BROWSER ? null : await this.#soundOf(sentence, signal);
    if (signal.aborted) return;
    this.sentence = sentence.text;
    mark(sentence.range);
    if (sound === null) {
      await this.#sound.say(sentence.text, languageOf(sentence.text), signal);
      return;
    }
    const { following } = script;
    if (following) this.#soundOf(following, signal).catch(() => undefined); // what goes wrong is told in its turn
    await this.#sound.play(sound, signal);
  }

  #soundOf({ text }: Sentence, signal: AbortSignal): Promise<Blob> {
    if (this.#made?.text !== text) this.#made = { text, sound: synthesize(this.engine, text, this.#voice, signal) };
    return this.#made.sound;
  }

  /** The preferred voice is one of the preferred engine. */
  get #voice(): string {
    const { engine, voice } = this.speech.preferred;
    return engine === this.engine ? voice : "";
  }
}
