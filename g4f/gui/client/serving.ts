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

/** Write chunks as the server streams them. */
export function frames(...chunks: readonly object[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
}
