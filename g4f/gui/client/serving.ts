/** For tests: a server on a real socket, and a page that came from it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { DetachedWindowAPI } from "happy-dom";
import { onTestFinished } from "vitest";

declare global {
  interface Window {
    happyDOM: DetachedWindowAPI;
  }
}

/** Serve on a free port until the test is over, and return the origin. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Read the body of a request to its end. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const blocks: Buffer[] = [];
  for await (const block of request) blocks.push(block as Buffer);
  return Buffer.concat(blocks).toString();
}

/** Be a page of that server in a browser that keeps nothing yet. */
export function visit(origin: string, path = "/"): void {
  window.happyDOM.setURL(origin + path);
  localStorage.clear();
}

/** Write the events of a log, the first one numbered `first`. */
export function events(first: number, ...chunks: readonly object[]): string {
  return chunks.map((chunk, index) => `id: ${first + index}\ndata: ${JSON.stringify(chunk)}\n\n`).join("");
}

/** What a run says first. */
export function named(id: string, answer: string, question: string): object {
  return { type: "run", run: { id, chat_id: "c", message_id: answer, parent_id: question } };
}

export interface Asked {
  readonly route: string;
  readonly body: Record<string, unknown>;
}

/**
 * Be a page of a server with chats, and return what is asked of it.
 *
 * `streams` answer questions and readers of runs, one a connection; `chats` answer what is kept and listed, 404 without.
 */
export async function visitChats(
  streams: readonly ((response: ServerResponse, asked: Asked) => unknown)[],
  chats: Record<string, unknown> = {},
  path = "/",
): Promise<readonly Asked[]> {
  const all: Asked[] = [];
  const waiting = [...streams];
  const origin = await serve(async (request, response) => {
    const body = await bodyOf(request);
    const route = `${request.method ?? ""} ${(request.url ?? "").replace("/backend-api/v2/", "")}`;
    const asked = { route, body: JSON.parse(body || "{}") as Record<string, unknown> };
    all.push(asked);
    const kept = /^GET chats\/(.*)/.exec(route)?.[1];
    if (/conversation|events/.test(route)) await waiting.shift()?.(response, asked);
    else if (kept !== undefined && !(kept in chats)) response.writeHead(404).end("{}");
    else response.end(JSON.stringify(kept === undefined ? { chats: Object.values(chats) } : chats[kept]));
  });
  visit(origin, path);
  return all;
}
