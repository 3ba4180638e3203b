/** Names for what crosses the wire. The types themselves are generated from the server's OpenAPI document. */
import type { components, paths } from "./schema";

type Answered<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

/** One piece of a streamed answer; `type` tells which. */
export type Chunk = components["schemas"]["Chunk"];
export type ChunkOf<Type extends Chunk["type"]> = Extract<Chunk, { type: Type }>;
export type FinishReason = ChunkOf<"finish">["finish"]["reason"];

export type Provider = Answered<"/backend-api/v2/providers">[number];
/** Model names by provider; `?format=list` would give a list instead. */
export type ProviderModels = Exclude<Answered<"/backend-api/v2/models">, readonly unknown[]>;
export type Model = Answered<"/backend-api/v2/models/{provider}">[number];
export type Version = Answered<"/backend-api/v2/version">;

export type Chat = components["schemas"]["Chat"];
export type OpenChat = components["schemas"]["OpenChat"];
export type ChatMessage = components["schemas"]["ChatMessage"];
export type RunInfo = components["schemas"]["RunInfo"];

/** A chunk in the log of its run; the number is 0 where there is no log. */
export interface Event {
  readonly number: number;
  readonly chunk: Chunk;
}

export type ConversationRequest =
  paths["/backend-api/v2/conversation"]["post"]["requestBody"]["content"]["application/json"];

export type FileInfo = components["schemas"]["FileInfo"];
/** What `[number]` in an answer means. */
export type Source = components["schemas"]["Source"];
/** A passage of a file between its neighbours. */
export type Surroundings = components["schemas"]["Surroundings"];
export type StorageUse = Answered<"/backend-api/v2/storage">;
export type WebState = Answered<"/backend-api/v2/web">;

export type Engines = Answered<"/backend-api/v2/speech">;
/** Somebody who reads aloud. */
export type EngineInfo = components["schemas"]["EngineInfo"];
export type Voice = components["schemas"]["Voice"];
export type Transcript = components["schemas"]["Transcript"];
/** Sums of what answers used. */
export type Summary = components["schemas"]["Summary"];
export type SummaryRow = components["schemas"]["SummaryRow"];

/** What is in the trash. */
export type Trash = Answered<"/backend-api/v2/trash">;
export type BudgetState = components["schemas"]["BudgetState"];

/** A sentence of the server, with what it says for who says it in another language. */
export interface Said {
  readonly message: string;
  readonly code?: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Return the sentence in a message; the protocol puts the name of the error before it. */
export function sentenceOf(message: string, name: string): string {
  return message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
}
