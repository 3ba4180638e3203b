import { pagesIn } from "../chat/links";
import { uuid7 } from "../chat/uuid";
import type { FileInfo } from "../wire";
import { Attached } from "./attached.svelte";

/** Files that are uploaded at the same time: a browser has six connections to a server. */
const AT_ONCE = 3;

/** By such a name the server knows files of a message that is being written, and forgets them when it is never sent. */
const newBucket = (): string => `draft-${uuid7()}`;

/** The message that is being written. */
export class Draft {
  text = $state("");
  files = $state.raw<readonly Attached[]>([]);
  /** Pages the text names that are not attached. */
  readonly pages = $derived(pagesIn(this.text).filter((page) => this.files.every(({ url }) => url !== page)));
  #bucket = newBucket();
  #waiting: readonly Attached[] = [];
  #busy = 0;

  /** Files are still on their way to the server. */
  get uploading(): boolean {
    return this.files.some((file) => file.uploading);
  }

  /** Take files, and pages by their addresses, into the message, and to the server at once. */
  attach(files: readonly (File | string)[]): void {
    const attached = files.map((file) => new Attached(file, this.#bucket));
    this.files = [...this.files, ...attached];
    this.#waiting = [...this.#waiting, ...attached];
    this.#upload();
  }

  detach(attached: Attached): void {
    this.files = this.files.filter((file) => file !== attached);
    this.#waiting = this.#waiting.filter((file) => file !== attached);
    void attached.remove();
  }

  /** Return the message and start an empty one; files that are of no use are taken back. */
  take(): { text: string; files: readonly FileInfo[] } {
    const files: FileInfo[] = [];
    for (const attached of this.files) {
      const info = attached.leave();
      if (info === null) void attached.remove();
      else files.push(info);
    }
    const taken = { text: this.text.trim(), files };
    this.text = "";
    this.files = [];
    this.#bucket = newBucket();
    return taken;
  }

  #upload(): void {
    const next = this.#waiting.slice(0, AT_ONCE - this.#busy);
    this.#waiting = this.#waiting.slice(next.length);
    this.#busy += next.length;
    for (const attached of next) void this.#bring(attached);
  }

  async #bring(attached: Attached): Promise<void> {
    await attached.upload();
    this.#busy -= 1;
    this.#upload();
    await attached.follow();
  }
}
