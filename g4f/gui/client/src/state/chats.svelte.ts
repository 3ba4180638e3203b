import { chatInAddress, showInAddress } from "../browser/address";
import { read, remove, write } from "../browser/storage";
import { CUSTOM } from "../chat/choices";
import type { Catalog } from "./catalog.svelte";
import type { Connection } from "./connection.svelte";
import { Conversation, type Kept, type Target } from "./conversation.svelte";

/** A chat as the list shows it. */
export interface ChatEntry {
  readonly id: string;
  readonly title: string;
  /** The last provider that answered. */
  readonly provider: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

const LIST = "chats";
const chat = (id: string): string => `chat.${id}`;

/** The chats of this browser, newest first, and the one that is open. */
export class Chats {
  list = $state.raw<readonly ChatEntry[]>(read(LIST, []));
  current = $state.raw<Conversation>(new Conversation(this));
  /** The address names a chat that this browser does not keep. */
  missing = $state(false);
  /** The last save found no room in this browser. */
  full = $state(false);
  /** Conversations whose answer goes on while another chat is open. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing on the page shows it
  readonly #running = new Map<string, Conversation>();

  constructor(
    private readonly catalog: Catalog,
    private readonly connection: Connection,
  ) {
    this.openInAddress();
  }

  /** Start an empty chat; it enters the list with its first question. */
  start(): void {
    this.missing = false;
    if (this.current.turns.length > 0) this.current = new Conversation(this);
    showInAddress("");
  }

  open(id: string): void {
    const kept = read<Kept | null>(chat(id), null);
    const known = this.#running.get(id) ?? (kept && new Conversation(this, kept));
    this.missing = known === null;
    this.current = known ?? new Conversation(this);
    showInAddress(id);
  }

  /** Open the chat the address bar names. */
  openInAddress(): void {
    const id = chatInAddress();
    if (id === "") this.start();
    else if (id !== this.current.id) this.open(id);
  }

  /** Take over what another tab changed. */
  reload(): void {
    this.list = read(LIST, []);
  }

  /** Delete a chat and return the way back. */
  delete(id: string): () => void {
    const entry = this.list.find((known) => known.id === id);
    const kept = read<Kept | null>(chat(id), null);
    this.#running.get(id)?.stop();
    this.#running.delete(id);
    this.#keepList((list) => list.filter((known) => known.id !== id));
    remove(chat(id));
    if (this.current.id === id) {
      this.current = new Conversation(this);
      showInAddress("");
    }
    return () => {
      if (entry && kept) this.#keep(kept, entry);
    };
  }

  /** Keep a conversation; it calls this itself when its question is sent and when its answer ends. */
  save(conversation: Conversation): void {
    const { id, title, turns, busy, last } = conversation;
    if (busy) this.#running.set(id, conversation);
    else if (!this.#running.delete(id)) return; // deleted while it was being answered
    if (conversation === this.current) {
      this.missing = false;
      showInAddress(id);
    }
    const provider = last?.provider || (this.list.find((known) => known.id === id)?.provider ?? "");
    this.#keep({ id, title, turns }, { id, title, provider, changedAt: Date.now() });
  }

  /** Keep what is written so far of every answer; for the moment the page is closed. */
  saveRunning(): void {
    for (const conversation of this.#running.values()) this.save(conversation);
  }

  /** Return where questions go now, with the person's own endpoint when it is the one to answer. */
  target(): Target {
    const { choice } = this.catalog;
    return { ...choice, endpoint: choice.provider === CUSTOM ? this.connection.endpoint : null };
  }

  #keep(kept: Kept, entry: ChatEntry): void {
    this.full = !write(chat(kept.id), kept);
    this.#keepList((list) => [entry, ...list.filter((known) => known.id !== kept.id)]);
  }

  /** Change the list as it is now, for another tab may have changed it too. */
  #keepList(change: (list: readonly ChatEntry[]) => readonly ChatEntry[]): void {
    this.list = change(read<readonly ChatEntry[]>(LIST, [])).toSorted((one, other) => other.changedAt - one.changedAt);
    write(LIST, this.list);
  }
}
