import { getSearchEngine } from "../api/backend";
import { isTrouble } from "../api/http";
import { read, write } from "../browser/storage";

/** Searching the web with each question. */
export class Web {
  /** The server has an engine to search with. */
  ready = $state(false);
  #wanted = $state(read("web", false));

  /** The next question searches. */
  get searches(): boolean {
    return this.ready && this.#wanted;
  }

  /** Ask whether the server can search. */
  async load(): Promise<void> {
    try {
      this.ready = (await getSearchEngine()) !== null;
    } catch (error) {
      if (!isTrouble(error)) throw error;
    }
  }

  toggle(): void {
    this.#wanted = !this.#wanted;
    write("web", this.#wanted);
  }
}
