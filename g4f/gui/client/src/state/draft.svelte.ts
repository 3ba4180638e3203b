import { read, write } from "../browser/storage";
import { pagesIn } from "../chat/links";
import { uuid7 } from "../chat/uuid";
import type { FileInfo } from "../wire";
import { Attached } from "./attached.svelte";

/** Files that are uploaded at the same time: a browser has six connections to a server. */
const AT_ONCE = 3;

/** By such a name the server knows files of a message that is being written, and forgets them when it is never sent. */
const newBucket = (): string => `draft-${uuid7()}`;

/** The message that is being written in one chat. */
class Message {
  text = $state("");
  files = $state.raw<readonly Attached[]>([]);
  bucket = newBucket();

  constructor(
    readonly chat: string,
    text: string,
  ) {
    this.text = text;
  }
}

/** A message as it is sent. */
export interface Taken {
  readonly text: string;
  readonly files: readonly FileInfo[];
  readonly attached: readonly Attached[];
}

/** Under this name the texts are kept, each by the id of its chat. */
const KEPT = "drafts";

/** The message that is being written, another one in each chat; a chat that is not there yet has the empty id. */
export class Draft {
  /** Pages the text names that are not attached. */
  readonly pages = $derived.by(() => pagesIn(this.text).filter((page) => this.files.every(({ url }) => url !== page)));
  readonly #messages: Record<string, Message> = {};
  #message = $state.raw(this.#of(""));
  #waiting: readonly Attached[] = [];
  #busy = 0;

  get text(): string {
    return this.#message.text;
  }

  set text(text: string) {
    this.#write(this.#message, text);
  }

  get files(): readonly Attached[] {
    return this.#message.files;
  }

  /** Files are still on their way to the server. */
  get uploading(): boolean {
    return this.files.some((file) => file.uploading);
  }

  /** Go on with what was begun in a chat. */
  turnTo(chat: string): void {
    this.#message = this.#of(chat);
  }

  /** Take files, and pages by their addresses, into the message, and to the server at once. */
  attach(files: readonly (File | string)[]): void {
    const message = this.#message;
    const attached = files.map((file) => new Attached(file, message.bucket));
    message.files = [...message.files, ...attached];
    this.#waiting = [...this.#waiting, ...attached];
    this.#upload();
  }

  detach(attached: Attached): void {
    const message = this.#message;
    message.files = message.files.filter((file) => file !== attached);
    this.#waiting = this.#waiting.filter((file) => file !== attached);
    void attached.remove();
  }

  /** Return the message and start an empty one; files that are of no use are taken back. */
  take(): Taken {
    const attached = this.files.filter((file) => file.leave() !== null);
    const files = attached.flatMap(({ info }) => info ?? []);
    for (const file of this.files) if (!attached.includes(file)) void file.remove();
    const taken = { text: this.text.trim(), files, attached };
    this.#empty(this.#message);
    return taken;
  }

  /** Put a message that the server did not take on back into its chat, before what was written since. */
  giveBack(chat: string, { text, attached }: Taken): void {
    const message = this.#of(chat);
    this.#write(message, message.text === "" ? text : `${text}\n\n${message.text}`);
    message.files = [...attached, ...message.files];
  }

  /** Take note of what the server took on after all: it is not sent again. */
  sent(chat: string, text: string): void {
    const message = this.#of(chat);
    if (message.text.trim() === text) this.#empty(message);
  }

  #of(chat: string): Message {
    return (this.#messages[chat] ??= new Message(chat, read<Record<string, string>>(KEPT, {})[chat] ?? ""));
  }

  #empty(message: Message): void {
    message.files = [];
    message.bucket = newBucket();
    this.#write(message, "");
  }

  #write(message: Message, text: string): void {
    message.text = text;
    write(KEPT, { ...read<Record<string, string>>(KEPT, {}), [message.chat]: text || undefined });
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
