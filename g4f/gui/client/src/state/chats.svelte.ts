import { CHATS_PAGE, deleteChat, getChats, renameChat, restoreChat } from "../api/backend";
import { isTrouble } from "../api/http";
import { chatInAddress, showInAddress } from "../browser/address";
import { isSeen, onSeen } from "../browser/attention";
import { Tabs } from "../browser/tabs";
import { CUSTOM } from "../chat/choices";
import type { Chat } from "../wire";
import type { Catalog } from "./catalog.svelte";
import type { Connection } from "./connection.svelte";
import { Conversation, type Target } from "./conversation.svelte";
import type { Web } from "./web.svelte";

/** Milliseconds after which the list is asked for again while an answer is written that nobody reads here. */
const GLANCE = 10_000;

/** The person's chats on the server, newest first, and the one that is open; only that one has a connection. */
export class Chats {
  list = $state.raw<readonly Chat[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");
  /** There are older chats than those in the list. */
  more = $state(false);
  current = $state.raw<Conversation>(new Conversation(this));
  readonly #tabs = new Tabs((id) => this.#heard(id));
  #glance: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly catalog: Catalog,
    private readonly connection: Connection,
    private readonly web: Web,
  ) {
    onSeen(() => {
      void this.refresh();
      void this.current.refresh();
    });
    this.openInAddress();
    void this.refresh();
  }

  /** Start an empty chat; it enters the list with its first question. */
  start(): void {
    if (this.current.state !== "new" || this.current.turns.length > 0) this.#replace(new Conversation(this));
    showInAddress("");
  }

  open(id: string): void {
    this.#replace(new Conversation(this, id));
    this.current.title = this.list.find((chat) => chat.id === id)?.title ?? "";
    showInAddress(id);
    void this.current.load();
  }

  /** Open the chat the address bar names. */
  openInAddress(): void {
    const id = chatInAddress();
    if (id === "") this.start();
    else if (id !== this.current.id) this.open(id);
  }

  /** Fetch the newest part of the list anew. */
  async refresh(): Promise<void> {
    clearTimeout(this.#glance);
    try {
      this.#take(await getChats());
      this.state = "ready";
    } catch (error) {
      if (!isTrouble(error)) throw error;
      if (this.list.length === 0) this.state = "failed";
    }
    const unread = this.list.some(({ id, run_id }) => run_id !== null && id !== this.current.id);
    if (unread && isSeen()) this.#glance = setTimeout(() => void this.refresh(), GLANCE);
  }

  /** Fetch the next part of the list. */
  async loadMore(): Promise<void> {
    const page = await getChats(this.list.at(-1));
    this.list = [...this.list, ...page];
    this.more = page.length >= CHATS_PAGE;
  }

  /** Give a chat another title; raises ApiError and ConnectionLost. */
  async rename(id: string, title: string): Promise<void> {
    this.list = this.list.map((chat) => (chat.id === id ? { ...chat, title } : chat));
    if (this.current.id === id) this.current.title = title;
    await this.#tell(id, renameChat(id, title));
  }

  /** Delete a chat; raises what `rename` raises. */
  async delete(id: string): Promise<void> {
    this.list = this.list.filter((chat) => chat.id !== id);
    if (this.current.id === id) {
      this.#replace(new Conversation(this));
      showInAddress("");
    }
    await this.#tell(id, deleteChat(id));
  }

  /** Bring a deleted chat back; raises what `rename` raises. */
  async restore(id: string): Promise<void> {
    await this.#tell(id, restoreChat(id));
    await this.refresh();
  }

  /** Take note of what a conversation does. */
  changed(conversation: Conversation, now: "asked" | "running" | "answered"): void {
    if (now === "asked") {
      this.#lead(conversation);
      return;
    }
    this.#tabs.tell(conversation.id);
    void this.refresh();
  }

  /** Return where questions go now, with the person's own endpoint when it is the one to answer. */
  target(): Target {
    const { choice } = this.catalog;
    const endpoint = choice.provider === CUSTOM ? this.connection.endpoint : null;
    return { ...choice, endpoint, webSearch: this.web.searches };
  }

  #replace(conversation: Conversation): void {
    this.current.leave();
    this.current = conversation;
  }

  /** Put a chat at the head of the list before the server has it there. */
  #lead({ id, title }: Conversation): void {
    const now = Date.now();
    const known = this.list.find((chat) => chat.id === id) ?? { id, title, created_at: now, run_id: null };
    this.list = [{ ...known, updated_at: now }, ...this.list.filter((chat) => chat.id !== id)];
    if (this.current.id === id) showInAddress(id);
  }

  #take(page: readonly Chat[]): void {
    const fetched = page.map(({ id }) => id);
    const last = page.at(-1)?.updated_at ?? 0;
    const isKept = ({ id, updated_at }: Chat): boolean =>
      (page.length >= CHATS_PAGE && updated_at < last) || (id === this.current.id && this.current.busy);
    const rest = this.list.filter((chat) => !fetched.includes(chat.id) && isKept(chat));
    this.list = [...page, ...rest].toSorted((one, other) => other.updated_at - one.updated_at);
    if (rest.length === 0) this.more = page.length >= CHATS_PAGE;
  }

  /** Another tab changed a chat; one that nobody sees looks when it is seen. */
  #heard(id: string): void {
    if (!isSeen()) return;
    void this.refresh();
    if (id === this.current.id) void this.current.refresh();
  }

  async #tell(id: string, change: Promise<void>): Promise<void> {
    try {
      await change;
    } catch (error) {
      void this.refresh();
      throw error;
    }
    this.#tabs.tell(id);
  }
}
