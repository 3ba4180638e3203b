/** From chunks to an answer: the one place that knows what each kind of chunk means for the person reading. */
import {
  type ChatMessage,
  type Chunk,
  type ChunkOf,
  type FinishReason,
  type RunInfo,
  type Said,
  sentenceOf,
  type Source,
} from "../wire";

export interface Answer {
  /** Who answers; the last provider announced. */
  readonly provider: string;
  readonly label: string;
  readonly model: string;
  /** The run that writes the answer has named a provider. */
  readonly named: boolean;
  /** Markdown. */
  readonly text: string;
  readonly thought: Thought | null;
  /** What the text may cite by number. */
  readonly sources: readonly Source[];
  /** What went wrong and did not end the answer. */
  readonly notices: readonly Notice[];
  readonly failure: Failure | null;
  readonly finish: FinishReason | null;
  /** Tokens of the answer; null until the server counted them. */
  readonly tokens: number | null;
  /** Tokens of all that was sent with the question; null until they are counted. */
  readonly promptTokens: number | null;
  /** What the answer cost; null when its price is not known. */
  readonly cost: Cost | null;
  /** The server estimated the tokens, because the provider did not count them. */
  readonly estimated: boolean;
  readonly suggestions: readonly string[];
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** The page heard each word when it was said; an answer of a chat is told later, all at once. */
  readonly live: boolean;
}

export interface Cost {
  /** Millionths of the currency. */
  readonly micros: number;
  /** ISO 4217. */
  readonly currency: string;
}

export interface Thought {
  readonly text: string;
  readonly status: string;
  /** Thinking that goes on after a pause counts from later, by the pause; null when nobody here heard it begin. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface Notice extends Said {
  /** The provider that did not answer; empty when it is about something else, such as a file that was left out. */
  readonly label: string;
}

export interface Failure extends Said {
  /** `auth`: a key is missing or wrong; `refused`: our own server said no. */
  readonly kind: "auth" | "provider" | "refused";
  readonly code: string;
  readonly requestId: string;
}

/** Return an answer of which nothing has arrived yet. */
export function emptyAnswer(startedAt: number): Answer {
  return {
    provider: "",
    label: "",
    model: "",
    named: false,
    text: "",
    thought: null,
    sources: [],
    notices: [],
    failure: null,
    finish: null,
    tokens: null,
    promptTokens: null,
    cost: null,
    estimated: false,
    suggestions: [],
    title: "",
    startedAt,
    endedAt: null,
    live: true,
  };
}

const ENDS: Readonly<Record<RunInfo["state"], FinishReason | null>> = {
  running: null,
  done: "stop",
  stopped: "stopped",
  interrupted: "interrupted",
  failed: "error",
};

/** Return the answer that a chat keeps, with what is known of the run that wrote it; a failure has its words in the run's log. */
export function answerOf({ content, created_at, run, citations }: ChatMessage): Answer {
  const kept = { ...emptyAnswer(run?.started_at ?? created_at), live: false, text: content, sources: citations };
  if (run === null) return { ...kept, finish: "stop", endedAt: created_at };
  const who = { provider: run.provider ?? "", label: run.provider ?? "", model: run.model ?? "" };
  const failure: Failure | null =
    run.state === "failed" ? { kind: "provider", message: "", code: "", requestId: "" } : null;
  return { ...kept, ...who, failure, finish: ENDS[run.state], endedAt: run.finished_at };
}

/** Return an answer that is written on from where it stands. */
export function goingOn(answer: Answer, startedAt: number): Answer {
  return {
    ...answer,
    named: false,
    finish: null,
    failure: null,
    notices: [],
    suggestions: [],
    tokens: null,
    promptTokens: null,
    cost: null,
    estimated: false,
    startedAt,
    endedAt: null,
  };
}

/** Return an answer that has ended with all that its run said; its text and its times stay. */
export function retold(answer: Answer, chunks: readonly Chunk[]): Answer {
  const { startedAt, endedAt, finish } = answer;
  const said = chunks.filter(({ type }) => type !== "content");
  const told = said.reduce((before, chunk) => reduce(before, chunk, startedAt), goingOn(answer, startedAt));
  return { ...finished(told, finish ?? "interrupted", startedAt), endedAt };
}

/** Return whether an answer was cut somewhere and can be written on from there. */
export function canGoOn({ text, finish }: Answer): boolean {
  return text !== "" && finish !== null && ["stopped", "interrupted", "error", "length"].includes(finish);
}

/** What our own server says no with when an answer's turn comes. */
const REFUSALS: readonly string[] = ["budget_spent", "too_many_runs"];

/** Return `answer` with one more chunk in it, which arrived at `now` (milliseconds). */
export function reduce(answer: Answer, chunk: Chunk, now: number): Answer {
  switch (chunk.type) {
    case "provider":
      return withProvider(answer, chunk);
    case "content":
      return { ...answer, text: answer.text + chunk.content, thought: ended(answer.thought, now) };
    case "reasoning":
      return { ...answer, thought: thinking(answer, chunk, now) };
    case "message":
      return noticed(answer, chunk);
    case "parameters":
      return { ...answer, notices: [...answer.notices, ...leftOut(chunk)] };
    case "auth":
      return withFailure(answer, failed("auth", chunk));
    case "error":
      return withFailure(answer, failed(REFUSALS.includes(chunk.code) ? "refused" : "provider", chunk));
    case "finish":
      return finished(answer, chunk.finish.reason, now);
    case "usage":
      return withUsage(answer, chunk);
    case "title":
      return { ...answer, title: chunk.title };
    case "suggestions":
      return { ...answer, suggestions: chunk.suggestions };
    case "sources":
      return { ...answer, sources: chunk.sources };
    // Media, tools and debugging of other clients: nothing of them is shown on this page.
    case "conversation":
    case "preview":
    case "synthesize":
    case "variant":
    case "continue":
    case "tool_calls":
    case "request":
    case "response":
    case "headers":
    case "log":
    case "run":
      return answer;
    default:
      return unknown(chunk, answer);
  }
}

/** Return `answer` at its end; an end that is known already stands. */
export function finished(answer: Answer, reason: FinishReason, now: number): Answer {
  if (answer.finish !== null) return answer;
  return { ...answer, finish: reason, endedAt: now, thought: ended(answer.thought, now) };
}

function withProvider(answer: Answer, { provider }: ChunkOf<"provider">): Answer {
  const label = provider.label || provider.name;
  return { ...answer, named: true, provider: provider.name, label, model: provider.model || answer.model };
}

/** What comes before a provider is asked is not about one; a provider asked again that fails alike is worth no second line. */
function noticed(answer: Answer, { message, error, code, values }: ChunkOf<"message">): Answer {
  const said = { message: sentenceOf(message, error), ...(code && values && { code, values }) };
  const notice = { label: answer.named ? answer.label : "", ...said };
  const last = answer.notices.at(-1);
  const known = last?.label === notice.label && last.message === notice.message;
  return known ? answer : { ...answer, notices: [...answer.notices, notice] };
}

/** The parameters of other clients are forms to fill in; of a run, they say what did not fit. */
function leftOut({ parameters: { left_out: values } }: ChunkOf<"parameters">): readonly Notice[] {
  const known = typeof values === "object" && values !== null;
  return known ? [{ label: "", message: "", code: "left_out", values: { ...values } }] : [];
}

/** The last attempt may fail as the one before it did, of which then enough is said. */
function withFailure(answer: Answer, failure: Failure): Answer {
  const told = answer.notices.at(-1)?.message === failure.message;
  return { ...answer, failure, notices: told ? answer.notices.slice(0, -1) : answer.notices };
}

function withUsage(answer: Answer, { usage, model }: ChunkOf<"usage">): Answer {
  const { prompt_tokens: prompt, completion_tokens: completion, cost_micros: micros, currency, estimated } = usage;
  return {
    ...answer,
    model: answer.model || (model ?? ""),
    tokens: typeof completion === "number" ? completion : null,
    promptTokens: typeof prompt === "number" ? prompt : null,
    cost: typeof micros === "number" && typeof currency === "string" ? { micros, currency } : null,
    estimated: estimated === true,
  };
}

function thinking(answer: Answer, chunk: ChunkOf<"reasoning">, now: number): Thought {
  const startedAt = answer.live ? now : null;
  const thought = resumed(answer.thought, now) ?? { text: "", status: "", startedAt, endedAt: null };
  const text = thought.text + (chunk.token ?? "");
  const status = chunk.status ?? thought.status;
  return { ...thought, text, status, endedAt: chunk.is_thinking === "</think>" ? now : null };
}

function resumed(thought: Thought | null, now: number): Thought | null {
  if (thought === null || thought.startedAt === null || thought.endedAt === null) return thought;
  return { ...thought, startedAt: thought.startedAt + now - thought.endedAt };
}

function ended(thought: Thought | null, now: number): Thought | null {
  return thought && { ...thought, endedAt: thought.endedAt ?? now };
}

function failed(kind: Failure["kind"], chunk: ChunkOf<"auth" | "error">): Failure {
  const values = "values" in chunk && { values: chunk.values };
  const message = sentenceOf(chunk.message, chunk.error);
  return { kind, message, code: chunk.code, requestId: chunk.request_id, ...values };
}

/** Servers of tomorrow may send more kinds. The compiler refuses a kind it knows and that has no case above. */
function unknown(_: never, answer: Answer): Answer {
  return answer;
}
