/** The server's routes this page uses, one function each. */
import { addressOf } from "../browser/address";
import type { Chunk, ConversationRequest, Model, Provider, ProviderModels, Version } from "../wire";
import { get, post } from "./http";
import { readChunks } from "./stream";

const v2 = (path: string): string => addressOf(`/backend-api/v2/${path}`);

/** An OpenAI-compatible server of the person's own. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly apiKey: string;
}

export const getVersion = (): Promise<Version> => get(v2("version"));
export const getProviders = (): Promise<readonly Provider[]> => get(v2("providers"));
export const getModels = (): Promise<ProviderModels> => get(v2("models"));
export const getModelsOf = (provider: string): Promise<readonly Model[]> =>
  get(v2(`models/${encodeURIComponent(provider)}`));

/** List the models of an endpoint; an ApiError says in its own words why it did not answer. */
export function getModelsAt({ baseUrl, apiKey }: Endpoint): Promise<readonly Model[]> {
  return get(v2("models/Custom"), { "x-api-base": baseUrl, ...(apiKey && { "x-api-key": apiKey }) });
}

/** Ask, and yield the answer's chunks read by read; aborting `signal` ends the upstream call too. */
export async function* converse(
  request: ConversationRequest,
  files: readonly File[],
  signal: AbortSignal,
): AsyncGenerator<readonly Chunk[]> {
  const response = await post(v2("conversation?framing=sse"), encode(request, files), signal);
  if (response.body) yield* readChunks(response.body);
}

function encode(request: ConversationRequest, files: readonly File[]): string | FormData {
  const json = JSON.stringify(request);
  if (files.length === 0) return json;
  const form = new FormData();
  form.set("json", json);
  for (const file of files) form.append("files", file);
  return form;
}
