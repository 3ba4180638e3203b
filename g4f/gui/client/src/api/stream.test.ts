import fc from "fast-check";
import { expect, test } from "vitest";

import type { Chunk } from "../wire";
import { readChunks } from "./stream";

const CHUNKS: Chunk[] = [
  { type: "provider", provider: { name: "Offline", label: "Offline", model: "m" } },
  { type: "content", content: 'Привет, 👋🏽 "мир"\nline \\n data: {no}' },
  { type: "content", content: "" },
  { type: "finish", finish: { reason: "stop" } },
];

const FRAMINGS = {
  "server-sent events": CHUNKS.map(
    (chunk) => `: ping\n\nid: 1\nevent: ${chunk.type}\ndata: ${JSON.stringify(chunk)}\n\n`,
  ),
  "server-sent events with CRLF": CHUNKS.map(
    (chunk) => `event: ${chunk.type}\r\ndata:${JSON.stringify(chunk)}\r\n\r\n`,
  ),
  "newline-delimited JSON": CHUNKS.map((chunk) => `${JSON.stringify(chunk)}\n`),
};

function body(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const edges = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((one, other) => one - other), bytes.length];
  return new ReadableStream({
    start(controller) {
      edges.forEach((edge, index) => controller.enqueue(bytes.slice(edge, edges[index + 1] ?? edge)));
      controller.close();
    },
  });
}

async function reads(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<(readonly Chunk[])[]> {
  const all = [];
  for await (const chunks of readChunks(stream)) all.push(chunks);
  return all;
}

test.each(Object.entries(FRAMINGS))("%s is read whole, wherever its bytes are cut", async (_, frames) => {
  const bytes = new TextEncoder().encode(frames.join(""));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (cuts) => {
      expect((await reads(body(bytes, cuts))).flat()).toEqual(CHUNKS);
    }),
  );
});

test("chunks of one read come together", async () => {
  const bytes = new TextEncoder().encode(FRAMINGS["newline-delimited JSON"].join(""));
  expect(await reads(body(bytes, []))).toEqual([CHUNKS]);
});

test("a line the connection cut is not an answer", async () => {
  const bytes = new TextEncoder().encode('{"type":"content","content":"a"}\n{"type":"fin');
  expect(await reads(body(bytes, []))).toEqual([[{ type: "content", content: "a" }]]);
});
