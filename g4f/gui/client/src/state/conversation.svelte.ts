import { flushSync } from "svelte";

import { converse, type Endpoint } from "../api/backend";
import { ApiError } from "../api/http";
import { Pace } from "../browser/pace";
import type { Choice } from "../chat/choices";
import { type Answer, emptyAnswer, type Failure, finished, reduce } from "../chat/reduce";
import { type Attachment, filesOf, messagesOf, type Question, titleOf, type Turn } from "../chat/turn";

/** A conversation as it is kept. */
export interface Kept {
  readonly id: string;
  readonly title: string;
  readonly turns: readonly Turn[];
}

/** Where the next question goes. */
export interface Target extends Choice {
  readonly endpoint: Endpoint | null;
}

interface Owner {
  target(): Target;
  save(conversation: Conversation): void;
}

/** One conversation: its turns, and the answer that is being written. */
export class Conversation {
  readonly id: string;
  title = $state("");
  turns = $state.raw<readonly Turn[]>([]);
  /** Milliseconds since the question was sent, by the second; null when nobody is answering. */
  waited = $state<number | null>(null);
  #stop: AbortController | null = null;

  constructor(
    private readonly owner: Owner,
    kept: Kept = { id: crypto.randomUUID(), title: "", turns: [] },
  ) {
    this.id = kept.id;
    this.title = kept.title;
    this.turns = kept.turns.map(ended);
  }

  get busy(): boolean {
    return this.waited !== null;
  }

  /** Return the answer that stands last, if the last turn is one. */
  get last(): Answer | null {
    const turn = this.turns.at(-1);
    return turn?.kind === "reply" ? turn.answer : null;
  }

  /** Ask a question and read its answer to the end. */
  async ask(text: string, files: readonly Attachment[]): Promise<void> {
    const question: Question = { kind: "question", id: crypto.randomUUID(), text, files };
    this.turns = [...this.turns, question];
    this.title ||= titleOf(text);
    await this.#answer();
  }

  /** Drop the last answer and ask for another one. */
  async again(): Promise<void> {
    this.turns = this.turns.slice(0, this.turns.findLastIndex((turn) => turn.kind === "question") + 1);
    await this.#answer();
  }

  /** End the answer now, the provider's work included; what was written stays. */
  stop(): void {
    this.#stop?.abort();
  }

  async #answer(): Promise<void> {
    const asked = this.turns;
    const id = crypto.randomUUID();
    const startedAt = Date.now();
    let answer = emptyAnswer(startedAt);
    const show = (): void => {
      this.turns = [...asked, { kind: "reply", id, answer }];
    };
    const pace = new Pace(() => {
      flushSync(show);
    });
    const stop = (this.#stop = new AbortController());
    const clock = setInterval(() => (this.waited = Date.now() - startedAt), 1000);
    this.waited = 0;
    show();
    this.owner.save(this);
    try {
      for await (const chunks of this.#chunks(id, asked, stop.signal)) {
        answer = chunks.reduce((before, chunk) => reduce(before, chunk, Date.now()), answer);
        pace.request();
      }
      answer = finished(answer, "interrupted", Date.now());
    } catch (error) {
      answer = finished(
        stop.signal.aborted ? answer : { ...answer, failure: failureOf(error) },
        endOf(stop.signal),
        Date.now(),
      );
    }
    stop.abort(); // lets go of a stream that was not read to its end
    clearInterval(clock);
    this.waited = null;
    this.title = answer.title || this.title;
    pace.flush();
    this.owner.save(this);
  }

  #chunks(id: string, asked: readonly Turn[], signal: AbortSignal): ReturnType<typeof converse> {
    const { provider, model, endpoint } = this.owner.target();
    const own = endpoint && { base_url: endpoint.baseUrl, api_key: endpoint.apiKey };
    const messages = messagesOf(asked);
    const files = filesOf(asked).map(({ name, text }) => new File([text], name, { type: "text/plain" }));
    return converse({ id, conversation_id: this.id, model, provider, messages, action: "next", ...own }, files, signal);
  }
}

function endOf(signal: AbortSignal): "stopped" | "error" {
  return signal.aborted ? "stopped" : "error";
}

function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) {
    return { kind: "refused", message: error.message, code: error.code, requestId: error.requestId };
  }
  return { kind: "network", message: error instanceof Error ? error.message : "", code: "", requestId: "" };
}

/** A page that was closed in the middle of an answer left it without an end. */
function ended(turn: Turn): Turn {
  return turn.kind === "reply"
    ? { ...turn, answer: finished(turn.answer, "interrupted", turn.answer.startedAt) }
    : turn;
}
