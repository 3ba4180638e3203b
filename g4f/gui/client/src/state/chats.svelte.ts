import { CHATS_PAGE, deleteChat, getChats, renameChat, restoreChat } from "../api/backend";
import { isTrouble } from "../api/http";
import { chatInAddress, showInAddress } from "../browser/address";
import { isSeen, onNetwork, onSeen } from "../browser/attention";
import { Tabs } from "../browser/tabs";
import { CUSTOM } from "../chat/choices";
import type { Chat } from "../wire";
import type { Catalog } from "./catalog.svelte";
import type { Connection } from "./connection.svelte";
import { Conversation, type Target } from "./conversation.svelte";
import type { Draft } from "./draft.svelte";
import type { Web } from "./web.svelte";

/** Milliseconds after which the list is asked for again while an answer is written that nobody reads here. */
const GLANCE = 10_000;
/** And after which a server that did not answer is asked again. */
const AWAY = 3_000;

/** The person's chats on the server, newest first, and the one that is open; only that one has a connection. */
export class Chats {
  list = $state.raw<readonly Chat[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");
  /** There are older chats than those in the list. */
  more = $state(false);
  current = $state.raw<Conversation>(new Conversation(this));
  readonly #tabs = new Tabs((id) => this.#heard(id));
  #glance: ReturnType<typeof setTimeout> | undefined;
  /** The chat that was open when it was deleted. */
  #closed = "";

  constructor(
    private readonly catalog: Catalog,
    private readonly connection: Connection,
    private readonly web: Web,
    private readonly draft: Draft,
  ) {
    onSeen(() => this.#look());
    onNetwork((online) => online && this.#look());
    this.openInAddress();
    void this.refresh();
  }

  /** Start an empty chat; it enters the list with its first question. */
  start(): void {
    if (this.current.state !== "new" || this.current.turns.length > 0) this.#replace(new Conversation(this));
    showInAddress("");
    this.draft.turnTo("");
  }

  open(id: string): void {
    this.#replace(new Conversation(this, id));
    this.current.title = this.list.find((chat) => chat.id === id)?.title ?? "";
    showInAddress(id);
    this.draft.turnTo(id);
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
    const isThere = await this.#fetch();
    clearTimeout(this.#glance);
    const unread = this.list.some(({ id, run_id }) => run_id !== null && id !== this.current.id);
    if (isSeen() && (unread || !isThere)) this.#glance = setTimeout(() => this.#look(), isThere ? GLANCE : AWAY);
  }

  /** Fetch the next part of the list. */
  async loadMore(): Promise<void> {
    const page = await getChats(this.list.at(-1));
    const known = this.list.map(({ id }) => id); // a second click brings the same ones
    this.list = [...this.list, ...page.filter(({ id }) => !known.includes(id))];
    this.more = page.length >= CHATS_PAGE;
  }

  /** Give a chat another title; raises ApiError and ConnectionLost, and then it has its old one. */
  async rename(id: string, title: string): Promise<void> {
    const before = this.list.find((chat) => chat.id === id)?.title ?? title;
    this.#title(id, title);
    await this.#tell(id, renameChat(id, title), () => this.#title(id, before));
  }

  /** Delete a chat; raises what `rename` raises, and then it is still there. */
  async delete(id: string): Promise<void> {
    const chat = this.list.find((each) => each.id === id);
    this.list = this.list.filter((each) => each.id !== id);
    if (this.current.id === id) {
      this.#closed = id;
      this.current.stop(); // a question that is still on its way would make the chat anew
      this.start();
    }
    await this.#tell(id, deleteChat(id), () => chat && this.#putBack(chat));
  }

  /** Bring a deleted chat back, to where it was open; raises what `rename` raises. */
  async restore(id: string): Promise<void> {
    await this.#tell(id, restoreChat(id));
    await this.refresh();
    this.#reopen(id);
  }

  /** Take note of what a conversation does. */
  changed(conversation: Conversation, now: "asked" | "running" | "answered"): void {
    if (now === "asked") {
      this.#lead(conversation);
      return;
    }
    if (now === "running") this.draft.sent(conversation.id, conversation.asked);
    this.#tabs.tell(conversation.id);
    void this.refresh();
  }

  /** Return where questions go now, with the person's own endpoint when it is the one to answer. */
  target(): Target {
    const { choice } = this.catalog;
    const endpoint = choice.provider === CUSTOM ? this.connection.endpoint : null;
    return { ...choice, endpoint, webSearch: this.web.searches };
  }

  #look(): void {
    void this.refresh();
    void this.current.refresh();
  }

  /** Fetch the newest part of the list; false when there is no server to tell it. */
  async #fetch(): Promise<boolean> {
    try {
      this.#take(await getChats());
    } catch (error) {
      if (!isTrouble(error)) throw error;
      if (this.list.length === 0) this.state = "failed";
      return false;
    }
    this.state = "ready";
    return true;
  }

  #title(id: string, title: string): void {
    this.list = this.list.map((chat) => (chat.id === id ? { ...chat, title } : chat));
    if (this.current.id === id) this.current.title = title;
  }

  #putBack(chat: Chat): void {
    this.list = newestFirst([...this.list.filter(({ id }) => id !== chat.id), chat]);
    this.#reopen(chat.id);
  }

  /** Open a chat that was closed by deleting it, unless something was begun since. */
  #reopen(id: string): void {
    if (id === this.#closed && this.current.state === "new" && !this.current.busy) this.open(id);
    this.#closed = "";
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
    if (this.current.id !== id) return;
    showInAddress(id);
    this.draft.turnTo(id);
  }

  #take(page: readonly Chat[]): void {
    const fetched = page.map(({ id }) => id);
    const last = page.at(-1)?.updated_at ?? 0;
    const isKept = ({ id, updated_at }: Chat): boolean =>
      (page.length >= CHATS_PAGE && updated_at < last) || (id === this.current.id && this.current.busy);
    const rest = this.list.filter((chat) => !fetched.includes(chat.id) && isKept(chat));
    this.list = newestFirst([...page, ...rest]);
    if (rest.length === 0) this.more = page.length >= CHATS_PAGE;
  }

  /** Another tab changed a chat; one that nobody sees looks when it is seen. */
  #heard(id: string): void {
    if (!isSeen()) return;
    void this.refresh();
    if (id === this.current.id) void this.current.refresh();
  }

  /** Wait for a change and tell the other tabs of it; what the server did not do is taken back. */
  async #tell(id: string, change: Promise<void>, takeBack: () => void = () => undefined): Promise<void> {
    try {
      await change;
    } catch (error) {
      takeBack();
      void this.refresh();
      throw error;
    }
    this.#tabs.tell(id);
  }
}

function newestFirst(chats: readonly Chat[]): readonly Chat[] {
  return chats.toSorted((one, other) => other.updated_at - one.updated_at);
}
