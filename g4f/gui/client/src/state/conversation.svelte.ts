import { flushSync } from "svelte";

import { ask, createChat, type Endpoint, getChat, stopRun } from "../api/backend";
import { ApiError, isTrouble } from "../api/http";
import { Pace } from "../browser/pace";
import type { Choice } from "../chat/choices";
import type { Following } from "../chat/follow";
import { contentOf } from "../chat/files";
import { type Answer, emptyAnswer, finished, goingOn, reduce, retold } from "../chat/reduce";
import { endBelow, merged, newestEnd, pathTo, versionsByPlace, withTurn } from "../chat/tree";
import { type Question, type Reply, titleOf, type Turn, turnOf } from "../chat/turn";
import { uuid7 } from "../chat/uuid";
import type { ChunkOf, ConversationRequest, Event, FileInfo, OpenChat } from "../wire";
import { keepFiles } from "./keeping";
import { type Connect, readLog, readRun } from "./reading";

/** Why an answer is not read any more: another chat is open. */
const LEFT = "left";

/** Where the next question goes. */
export interface Target extends Choice {
  readonly endpoint: Endpoint | null;
  /** The web is searched for what the answer may rest on. */
  readonly webSearch: boolean;
}

interface Owner {
  target(): Target;
  /** The conversation got a question, was taken on by the server, or got its answer. */
  changed(conversation: Conversation, now: "asked" | "running" | "answered"): void;
}

/** One conversation: its turns in all their versions, and the answer that is being written. */
export class Conversation {
  title = $state("");
  /** `new`: the server does not know it; `failed`: the server did not tell. */
  state = $state<"new" | "loading" | "ready" | "missing" | "failed">("new");
  /** Milliseconds since the question was sent, by the second; null when nobody is answering. */
  waited = $state<number | null>(null);
  /** There is no connection to the answer that is being written. */
  lost = $state(false);
  /** The person wants it to end, which the server has not heard yet. */
  stopping = $state(false);
  /** The key of the reply that was written last while this page was there. */
  watched = $state("");
  #all = $state.raw<readonly Turn[]>([]);
  #leaf = $state.raw<string | null>(null);
  /** The turns that are shown. */
  readonly turns = $derived(pathTo(this.#all, this.#leaf));
  readonly #versions = $derived(versionsByPlace(this.#all));
  #letGo = new AbortController();
  #runId = "";
  #isLeft = false;
  /** Something changed while an answer was read. */
  #isStale = false;

  constructor(
    private readonly owner: Owner,
    readonly id: string = uuid7(),
  ) {}

  get busy(): boolean {
    return this.waited !== null;
  }

  /** Return the answer that stands last, if the last turn is one. */
  get last(): Answer | null {
    const turn = this.turns.at(-1);
    return turn?.kind === "reply" ? turn.answer : null;
  }

  /** Return the question that stands last. */
  get asked(): string {
    return this.turns.findLast((turn) => turn.kind === "question")?.text ?? "";
  }

  /** Fetch the conversation, and read the answer that is written in it. */
  async load(): Promise<void> {
    this.state = "loading";
    await this.#fetch("failed");
    await this.#attend();
  }

  /** See to it that all is known that a question may follow; false when the server does not tell. */
  async known(): Promise<boolean> {
    if (this.state === "loading" || this.state === "failed") {
      await this.#fetch("failed");
      void this.#attend();
    }
    return this.state !== "failed";
  }

  /** Take over what another tab or device changed, or what could not be fetched before; not before an answer that is read has ended. */
  async refresh(): Promise<void> {
    this.#isStale = this.busy;
    if (this.busy || (this.state !== "ready" && this.state !== "failed")) return;
    await this.#fetch(this.state);
    await this.#attend();
  }

  /** Ask a question and read its answer to the end; false when the server did not take it on. */
  async ask(text: string, files: readonly FileInfo[]): Promise<boolean> {
    const parentId = this.turns.findLast((turn) => turn.kind === "reply" && turn.stored)?.id ?? null;
    this.#all = this.#all.filter(({ stored }) => stored); // it is asked in place of one that was refused
    const id = uuid7();
    const question: Question = { kind: "question", key: id, id, parentId, stored: false, text, files, inline: [] };
    this.#put(question);
    this.title ||= titleOf(text);
    await this.#answer(question);
    return this.#all.some((turn) => turn.id === id && turn.stored);
  }

  /** Have the question of a reply answered anew; the reply stays as another version. */
  async again(reply: Reply): Promise<void> {
    const question = this.#all.find(({ id }) => id === reply.parentId);
    if (question?.kind !== "question") return;
    if (!reply.stored) this.#all = this.#all.filter(({ id }) => id !== reply.id);
    await this.#answer(question);
  }

  /** Have a reply written on from where it was cut. */
  async goOn(reply: Reply): Promise<void> {
    const answer = goingOn(reply.answer, Date.now());
    await this.#write(
      { ...reply, whole: true, answer },
      this.#asking({ action: "continue", parent_id: reply.id, message_id: uuid7() }),
    );
    if (this.#runId === "") await this.refresh(); // it was refused, for another device may have it written on
  }

  /** Hear what the run of a reply said besides the text, unless that is known. */
  async recall(reply: Reply): Promise<void> {
    if (reply.whole || reply.answer.finish === null) return;
    const heard: Reply = { ...reply, whole: true };
    this.#put(heard, this.#leaf);
    const chunks = (await readLog(reply.runId)).map(({ chunk }) => chunk);
    const isNews = chunks.length > 0 && this.#all.includes(heard);
    if (isNews) this.#put({ ...heard, answer: retold(reply.answer, chunks) }, this.#leaf);
  }

  /** End the answer, the provider's work included; what was written stays. */
  stop(): void {
    if (!this.busy) return;
    if (this.#runId !== "") void stopRun(this.#runId).catch(() => (this.lost = true));
    else if (this.stopping || this.lost) this.#letGo.abort();
    this.stopping = true;
  }

  /** Read no further, once the server has taken the question on; the answer is written all the same. */
  leave(): void {
    this.#isLeft = true;
    if (!this.busy || this.#runId !== "") this.#letGo.abort(LEFT);
  }

  /** Return all that stands in the place of a turn, oldest first. */
  versionsOf(turn: Turn): readonly Turn[] {
    return this.#versions.get(turn.parentId) ?? [turn];
  }

  /** Show a turn, and what follows it, in place of its other versions. */
  async show(turn: Turn): Promise<void> {
    this.#leaf = endBelow(this.#all, turn.id);
    await this.#attend();
  }

  async #fetch(failed: "ready" | "failed"): Promise<void> {
    try {
      this.#take(await getChat(this.id));
    } catch (error) {
      if (!isTrouble(error)) throw error;
      this.state = error instanceof ApiError && error.status === 404 ? "missing" : failed;
    }
  }

  #take({ title, run_id, messages }: OpenChat): void {
    const known = this.#all;
    const fetched = messages.map(turnOf);
    this.#all = merged(known, fetched);
    const running = fetched.find((turn) => turn.kind === "reply" && turn.runId === run_id);
    if (running) this.#leaf = running.id;
    else if (fetched.some(({ id }) => known.every((turn) => turn.id !== id))) this.#leaf = newestEnd(this.#all);
    this.title = title;
    this.state = "ready";
  }

  /** Hear what the run of the last reply says, or what it said besides the text. */
  async #attend(): Promise<void> {
    const reply = this.turns.at(-1);
    if (reply?.kind !== "reply" || reply.whole || this.busy) return;
    if (reply.answer.finish === null) await this.#write({ ...reply, whole: true }, reply.runId);
    else await this.recall(reply);
  }

  async #answer(question: Question): Promise<void> {
    const answer = emptyAnswer(Date.now());
    const id = uuid7();
    const request = question.stored
      ? { action: "variant", parent_id: question.id, message_id: id }
      : {
          action: "next",
          parent_id: question.parentId,
          message_id: question.id,
          messages: [{ role: "user", content: contentOf(question.text, question.files) }],
        };
    const place = { key: id, id, parentId: question.id, stored: false };
    const files = question.stored ? [] : question.files;
    await this.#write({ kind: "reply", ...place, runId: "", whole: true, answer }, this.#asking(request, files));
  }

  /** Return what asks the server, in the same words however often. */
  #asking(fields: Partial<ConversationRequest>, files: readonly FileInfo[] = []): Connect {
    const { provider, model, endpoint, webSearch } = this.owner.target();
    const own = endpoint && { base_url: endpoint.baseUrl, api_key: endpoint.apiKey };
    const search = webSearch && { web_search: true };
    const request = { chat_id: this.id, model, provider, ...fields, ...own, ...search };
    const { id, title } = this;
    const isNew = this.state === "new";
    return async function* (signal) {
      await keepFiles(files);
      if (isNew) await createChat(id, title, signal);
      yield* ask(request, signal);
    };
  }

  /** Read an answer to its end, from a run that is known or one that begins. */
  async #write(reply: Reply, runOrAsk: string | Connect): Promise<void> {
    let written = reply;
    const pace = new Pace(() => flushSync(() => this.#put(written, this.#leaf)));
    const startedAt = Date.now();
    const clock = setInterval(() => (this.waited = Date.now() - startedAt), 1000);
    const letGo = (this.#letGo = new AbortController());
    this.stopping = false;
    this.#runId = typeof runOrAsk === "string" ? runOrAsk : "";
    this.waited = 0;
    this.watched = reply.key;
    this.#put(reply);
    if (this.#runId === "") this.owner.changed(this, "asked");
    const heard = (events: readonly Event[]): void => {
      for (const { chunk } of events) {
        if (chunk.type === "run") written = this.#taken(written, chunk);
        else written = { ...written, answer: reduce(written.answer, chunk, Date.now()) };
      }
      if (events.length > 0) pace.request();
    };
    const run = await readRun(runOrAsk, { signal: letGo.signal, heard, lost: (lost) => this.#lose(lost) });
    clearInterval(clock);
    this.waited = null;
    this.lost = false;
    if (letGo.signal.reason === LEFT) return;
    written = { ...written, answer: endOf(written.answer, run, letGo.signal.aborted) };
    pace.flush();
    this.owner.changed(this, "answered");
    if (this.#isStale) await this.refresh();
  }

  /** The server has taken a question on: from here on its ids count. */
  #taken(reply: Reply, { run }: ChunkOf<"run">): Reply {
    const taken: Reply = { ...reply, id: run.message_id, stored: true, runId: run.id };
    const others = this.#all.filter(({ id }) => id !== reply.id);
    this.#all = withTurn(
      others.map((turn) => (turn.id === run.parent_id ? { ...turn, stored: true } : turn)),
      taken,
    );
    if (this.#leaf === reply.id) this.#leaf = taken.id;
    this.state = "ready";
    const isNew = this.#runId === "";
    this.#runId = run.id;
    if (this.stopping) this.stop();
    if (this.#isLeft) this.#letGo.abort(LEFT);
    if (isNew) this.owner.changed(this, "running");
    return taken;
  }

  #lose(lost: boolean): void {
    const isBack = this.lost && !lost;
    this.lost = lost;
    if (isBack && this.stopping) this.stop();
  }

  #put(turn: Turn, leaf: string | null = turn.id): void {
    this.#all = withTurn(this.#all, turn);
    this.#leaf = leaf;
  }
}

function endOf(answer: Answer, { failure }: Following, stopped: boolean): Answer {
  if (failure !== null) return finished({ ...answer, failure }, "error", Date.now());
  return finished(answer, stopped ? "stopped" : "interrupted", Date.now());
}
