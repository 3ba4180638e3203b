import fc from "fast-check";
import { expect, test } from "vitest";

import type { Chunk, Event } from "../wire";
import { readEvents } from "./stream";

const CHUNKS: Chunk[] = [
  { type: "provider", provider: { name: "Offline", label: "Offline", model: "m" } },
  { type: "content", content: 'Привет, 👋🏽 "мир"\nline \\n data: {no}' },
  { type: "content", content: "" },
  { type: "finish", finish: { reason: "stop" } },
];

function framed(end: string, numbered: boolean): string {
  return CHUNKS.map((chunk, index) => {
    const lines = [": ping", "", `event: ${chunk.type}`, `data: ${JSON.stringify(chunk)}`, "", ""];
    return (numbered ? [`id: ${index + 1}`, ...lines.slice(2)] : lines).join(end);
  }).join("");
}

function body(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const edges = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((one, other) => one - other), bytes.length];
  return new ReadableStream({
    start(controller) {
      edges.forEach((edge, index) => controller.enqueue(bytes.slice(edge, edges[index + 1] ?? edge)));
      controller.close();
    },
  });
}

async function reads(text: string, cuts: readonly number[] = []): Promise<(readonly Event[])[]> {
  const all = [];
  for await (const events of readEvents(body(new TextEncoder().encode(text), cuts))) all.push(events);
  return all;
}

test.each([
  ["a log", "\n", true],
  ["a log with CRLF", "\r\n", true],
  ["a stream without numbers", "\n", false],
])("%s is read whole, wherever its bytes are cut", async (_, end, numbered) => {
  const text = framed(end, numbered);
  const expected = CHUNKS.map((chunk, index) => ({ number: numbered ? index + 1 : 0, chunk }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (cuts) => {
      expect((await reads(text, cuts)).flat()).toEqual(expected);
    }),
  );
});

test("events of one read come together", async () => {
  expect((await reads(framed("\n", true))).map((events) => events.length)).toEqual([CHUNKS.length, 0]);
});

test("a sign of life is a read without events", async () => {
  expect((await reads(": ping\n\n"))[0]).toEqual([]);
});

test("an event the connection cut is not an event", async () => {
  const text = 'id: 1\ndata: {"type":"content","content":"a"}\n\nid: 2\ndata: {"type":"fin';
  expect((await reads(text)).flat().map(({ number }) => number)).toEqual([1]);
});
