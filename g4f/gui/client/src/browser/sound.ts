/** Sound from this page: files, and the browser's own voice. */

/** The browser cannot play a sound, or may not. */
export class Unplayable extends Error {}

/** A moment of silence. */
const SILENCE = "data:audio/wav;base64,UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQEAAACAAA==";

/** Plays one thing after another; what is played can be halted. */
export class Sound {
  readonly #element = new Audio();
  #paused = false;

  /** Play some silence while a button is pressed: some browsers allow later sounds only where one began so. */
  unlock(): void {
    this.#paused = false;
    this.#element.src = SILENCE;
    this.#element.play().catch(() => undefined);
  }

  set speed(rate: number) {
    this.#element.defaultPlaybackRate = this.#element.playbackRate = rate;
  }

  pause(): void {
    this.#paused = true;
    this.#element.pause();
    if (canSpeak()) speechSynthesis.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#element.hasAttribute("src")) this.#element.play().catch(() => undefined);
    if (canSpeak()) speechSynthesis.resume();
  }

  /** Play a file to its end, or until `signal` is aborted; raises Unplayable. */
  async play(file: Blob, signal: AbortSignal): Promise<void> {
    const element = this.#element;
    const address = URL.createObjectURL(file);
    try {
      await untilOver(element, signal, async () => {
        element.src = address;
        if (!this.#paused) await element.play();
      });
    } finally {
      element.pause();
      element.removeAttribute("src");
      URL.revokeObjectURL(address);
    }
  }

  /** Have the browser say a text to its end, or until `signal` is aborted; raises Unplayable. */
  async say(text: string, language: string, signal: AbortSignal): Promise<void> {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = language;
    utterance.rate = this.#element.defaultPlaybackRate;
    try {
      await untilOver(utterance, signal, () => Promise.resolve(speechSynthesis.speak(utterance)));
    } finally {
      speechSynthesis.cancel();
    }
  }
}

/** Return whether the browser has a voice of its own. */
export function canSpeak(): boolean {
  return "speechSynthesis" in globalThis && speechSynthesis.getVoices().length > 0;
}

function untilOver(target: EventTarget, signal: AbortSignal, begin: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const once = { signal: over.signal };
  const ended = new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(new Unplayable());
    for (const name of ["ended", "end"]) target.addEventListener(name, () => resolve(), once);
    target.addEventListener("error", fail, once);
    signal.addEventListener("abort", () => resolve(), once);
    if (signal.aborted) resolve();
    // Halting a sound before it has begun is no failure.
    else begin().catch((error: unknown) => isAbort(error) || fail());
  });
  return ended.finally(() => over.abort());
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
