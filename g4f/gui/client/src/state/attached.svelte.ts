import { deleteFile, getFile } from "../api/backend";
import { ApiError, isTrouble } from "../api/http";
import { wait } from "../browser/attention";
import { isRead } from "../chat/files";
import { shortAddress } from "../chat/links";
import type { Upload, UploadFailure } from "../chat/upload";
import { uuid7 } from "../chat/uuid";
import type { FileInfo } from "../wire";
import { fetchPage } from "./fetching";
import { uploadFile } from "./uploading";

/** Milliseconds between two looks at a file that is being read. */
const SHORTEST = 250;
const LONGEST = 2_000;

function refusalOf({ message, code, values }: ApiError): UploadFailure {
  return { kind: "refused", message, code, values };
}

/** A file, or a page of the web, of the message that is being written: on its way to the server, then read there. */
export class Attached {
  readonly key = uuid7();
  /** Bytes that have gone. */
  sent = $state(0);
  /** There is no connection to the server. */
  lost = $state(false);
  /** What the server says of it; null until all of it is there. */
  info = $state.raw<FileInfo | null>(null);
  failure = $state.raw<UploadFailure | null>(null);
  /** What is known before the server has it; the size of a page is not. */
  readonly file: { readonly name: string; readonly size: number };
  /** The address of a page that the server fetches; null for a file of this device. */
  readonly url: string | null;
  #id = "";
  readonly #letGo = new AbortController();

  constructor(
    private readonly source: File | string,
    private readonly bucket: string,
  ) {
    this.url = typeof source === "string" ? source : null;
    this.file = typeof source === "string" ? { name: shortAddress(source), size: 0 } : source;
  }

  get uploading(): boolean {
    return this.info === null && this.failure === null;
  }

  /** Bring the file to the server. */
  async upload(): Promise<void> {
    const { signal } = this.#letGo;
    const { id, failure } = await this.#bring(signal);
    this.failure = failure;
    if (failure !== null) return;
    this.#id = id;
    if (signal.aborted) await this.#delete();
  }

  /** Follow how the file is read, to the end. */
  async follow(): Promise<void> {
    const { signal } = this.#letGo;
    for (let pause = SHORTEST; this.#isOpen(); pause = Math.min(LONGEST, 1.5 * pause)) {
      await this.#look();
      if (this.#isOpen()) await wait(pause, signal);
    }
  }

  /** Follow no further and return the file; null when it is of no use. */
  leave(): FileInfo | null {
    this.#letGo.abort();
    return this.info?.state === "unreadable" ? null : this.info;
  }

  /** Take the file back, wherever it is by now. */
  async remove(): Promise<void> {
    this.#letGo.abort();
    await this.#delete();
  }

  #bring(signal: AbortSignal): Promise<Pick<Upload, "id" | "failure">> {
    if (typeof this.source === "string") return fetchPage(this.source, this.bucket, signal);
    return uploadFile(this.source, this.bucket, {
      signal,
      sent: (bytes) => (this.sent = bytes),
      lost: (lost) => (this.lost = lost),
    });
  }

  #isOpen(): boolean {
    const done = this.failure !== null || (this.info !== null && isRead(this.info));
    return this.#id !== "" && !done && !this.#letGo.signal.aborted;
  }

  async #look(): Promise<void> {
    try {
      this.info = await getFile(this.#id);
      this.lost = false;
    } catch (error) {
      if (!isTrouble(error)) throw error;
      if (error instanceof ApiError && error.status < 500) this.failure = refusalOf(error);
      this.lost = this.failure === null;
    }
  }

  /** A file that cannot be deleted now stays among the person's files. */
  async #delete(): Promise<void> {
    if (this.#id !== "") await deleteFile(this.#id).catch(() => undefined);
  }
}
