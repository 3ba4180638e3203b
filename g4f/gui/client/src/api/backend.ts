/** The server's routes this page uses, one function each. */
import { addressOf } from "../browser/address";
import type {
  Chat,
  ConversationRequest,
  Event,
  FileInfo,
  Model,
  OpenChat,
  Provider,
  ProviderModels,
  StorageUse,
  Surroundings,
  Trash,
  Version,
  WebState,
} from "../wire";
import { get, network, read, send } from "./http";
import { readEvents } from "./stream";

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

/** Return a page of the person's chats, newest first; the next one lies before its last. */
export async function getChats(before?: Chat): Promise<readonly Chat[]> {
  const page = before === undefined ? "" : `&before=${before.updated_at}`;
  return (await get<{ chats: readonly Chat[] }>(v2(`chats?limit=${CHATS_PAGE}${page}`))).chats;
}

/** Chats in a page of the list. */
export const CHATS_PAGE = 100;

export const getChat = (id: string): Promise<OpenChat> => get(chat(id));

/** Make a chat under an id of our own: done twice, it is one. */
export async function createChat(id: string, title: string, signal: AbortSignal): Promise<void> {
  await send("POST", v2("chats"), { id, title }, signal);
}

export async function renameChat(id: string, title: string): Promise<void> {
  await send("PATCH", chat(id), { title });
}

export async function deleteChat(id: string): Promise<void> {
  await read(chat(id), { method: "DELETE" });
}

export async function restoreChat(id: string): Promise<void> {
  await read(`${chat(id)}/restore`, { method: "POST" });
}

/** Ask in a chat, and yield the events of the run; asked again with the same `message_id`, it is the same run. */
export async function* ask(request: ConversationRequest, signal: AbortSignal): AsyncGenerator<readonly Event[]> {
  const response = await send("POST", v2("conversation?framing=sse"), request, signal);
  if (response.body) yield* readEvents(response.body);
}

/** Yield the events of a run after a number; the run goes on when `signal` is aborted. */
export async function* followRun(id: string, after: number, signal: AbortSignal): AsyncGenerator<readonly Event[]> {
  const response = await read(`${run(id)}/events?after=${after}`, { signal, cache: "no-store" });
  if (response.body) yield* readEvents(response.body);
}

/** End a run, the provider's work included. */
export async function stopRun(id: string): Promise<void> {
  await read(`${run(id)}/stop`, { method: "POST" });
}

/** Return the name of the engine that searches the web; null when there is none. */
export async function getSearchEngine(): Promise<string | null> {
  return (await get<WebState>(v2("web"))).search;
}

/** Have the server fetch a page of the web into a bucket, and return the file it became. */
export async function addPage(bucket: string, url: string, signal: AbortSignal): Promise<FileInfo> {
  const response = await send("POST", v2(`buckets/${encodeURIComponent(bucket)}/pages`), { url }, signal);
  return (await network(response.json())) as FileInfo;
}

export const getFile = (id: string): Promise<FileInfo> => get(file(id));
export const getPassage = (id: string, number: number): Promise<Surroundings> => get(`${file(id)}/passages/${number}`);
export const getTrash = (): Promise<Trash> => get(v2("trash"));
export const getStorage = (): Promise<StorageUse> => get(v2("storage"));

export async function deleteFile(id: string): Promise<void> {
  await read(file(id), { method: "DELETE" });
}

/** Take a file out of the trash, and keep one of a message that is being written for good. */
export async function restoreFile(id: string): Promise<void> {
  await read(`${file(id)}/restore`, { method: "POST" });
}

/** Delete for good what was deleted before a moment. */
export async function emptyTrash(before: number): Promise<void> {
  await read(v2(`trash?before=${before}`), { method: "DELETE" });
}

/** Return where the bytes of a file are. */
export const contentAddress = (id: string): string => `${file(id)}/content`;
/** Return where a small picture of a file is. */
export const thumbnailAddress = (id: string): string => `${file(id)}/thumbnail`;

const chat = (id: string): string => v2(`chats/${encodeURIComponent(id)}`);
const file = (id: string): string => v2(`file/${encodeURIComponent(id)}`);
const run = (id: string): string => v2(`runs/${encodeURIComponent(id)}`);
