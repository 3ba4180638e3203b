import { transcribe } from "../api/speech";
import { isTrouble, type Trouble } from "../api/http";
import { canRecognise, canRecord, NotAllowed, recognise, record } from "../browser/recorder";
import type { Speech } from "./speech.svelte";

/** What came of a dictation: words, or why there are none. */
export type Dictated =
  | { readonly text: string }
  | { readonly error: Trouble }
  | { readonly key: "dictate.denied" | "dictate.insecure" | "dictate.silent" };

/** What is said into the microphone, written down. */
export class Dictation {
  state = $state<"idle" | "recording" | "writing">("idle");
  #stop = new AbortController();

  constructor(private readonly speech: Speech) {}

  /** There is somebody to write down. */
  get offered(): boolean {
    return this.speech.transcribers.length > 0 || this.#own;
  }

  /** Listen until `finish`, and return what was said; `language` is that of the page. */
  async dictate(language: string): Promise<Dictated> {
    if (!canRecord()) return { key: "dictate.insecure" };
    this.#stop = new AbortController();
    this.state = "recording";
    try {
      const text = (await this.#written(language)).trim();
      return text === "" ? { key: "dictate.silent" } : { text };
    } catch (error) {
      return undictated(error);
    } finally {
      this.state = "idle";
    }
  }

  /** Listen no longer. */
  finish(): void {
    this.#stop.abort();
  }

  get #own(): boolean {
    return this.speech.preferred.recogniser && canRecognise();
  }

  async #written(language: string): Promise<string> {
    if (this.#own) return recognise(language, this.#stop.signal);
    const recording = await record(this.#stop.signal);
    this.state = "writing";
    return transcribe(recording);
  }
}

function undictated(error: unknown): Dictated {
  if (error instanceof NotAllowed) return { key: "dictate.denied" };
  if (!isTrouble(error)) throw error;
  return { error };
}
