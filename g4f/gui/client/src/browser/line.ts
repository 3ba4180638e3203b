/** One connection to the server: it ends when the network goes, when it is silent for too long, and when nobody looks. */
import { isSeen, onHidden, onNetwork } from "./attention";

/** Milliseconds of silence after which a connection is given up; the server gives a sign of life every 15 seconds. */
const SILENCE = 40_000;

export class Line {
  /** It ended because nobody looks. */
  hidden = false;
  readonly #end = new AbortController();
  #silence: ReturnType<typeof setTimeout> | undefined;
  #mayEndUnseen = false;

  constructor(reader: AbortSignal) {
    reader.addEventListener("abort", () => this.end(), { signal: this.signal });
    onNetwork((online) => online || this.end(), this.signal);
    this.live();
  }

  /** Aborted when the connection has to end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Note a sign of life. */
  live(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.end(), SILENCE);
  }

  /** From now on, end when nobody looks: a browser has six connections to a server, and more tabs. */
  endUnseen(): void {
    if (this.#mayEndUnseen) return;
    this.#mayEndUnseen = true;
    onHidden(() => this.#hide(), this.signal);
    if (!isSeen()) this.#hide();
  }

  end(): void {
    clearTimeout(this.#silence);
    this.#end.abort();
  }

  #hide(): void {
    this.hidden = true;
    this.end();
  }
}
