import { expect, test } from "vitest";

import type { Chunk } from "../wire";
import { type Answer, emptyAnswer, finished, reduce } from "./reduce";

function after(...chunks: Chunk[]): Answer {
  return chunks.reduce((answer, chunk, index) => reduce(answer, chunk, 1000 * (index + 1)), emptyAnswer(0));
}

const content = (text: string): Chunk => ({ type: "content", content: text });

test("content is appended in order", () => {
  expect(after(content("a"), content("b")).text).toBe("ab");
});

test("the last provider announced is the one that answers", () => {
  const answer = after(
    { type: "provider", provider: { name: "One", label: "First", model: "m1" } },
    { type: "provider", provider: { name: "Two" } },
  );
  expect(answer).toMatchObject({ provider: "Two", label: "Two", model: "m1" });
});

test("a message says which provider did not answer", () => {
  const answer = after(
    { type: "provider", provider: { name: "One", label: "First" } },
    { type: "message", message: "RateLimitError: 429", error: "RateLimitError" },
    { type: "provider", provider: { name: "Two", label: "Second" } },
  );
  expect(answer.notices).toEqual([{ label: "First", message: "429" }]);
});

test("a provider that fails twice alike is told of once", () => {
  const message: Chunk = { type: "message", message: "RateLimitError: 429", error: "RateLimitError" };
  const other: Chunk = { type: "message", message: "TimeoutError: slow", error: "TimeoutError" };
  expect(after(message, message, other, message).notices.map((notice) => notice.message)).toEqual([
    "429",
    "slow",
    "429",
  ]);
});

test("thinking ends when the answer begins", () => {
  const answer = after({ type: "reasoning", token: "hm" }, { type: "reasoning", token: "m" }, content("yes"));
  expect(answer.thought).toEqual({ text: "hmm", status: "", startedAt: 1000, endedAt: 3000 });
});

test("thinking ends at its closing mark", () => {
  const answer = after({ type: "reasoning", token: "hm" }, { type: "reasoning", is_thinking: "</think>" });
  expect(answer.thought?.endedAt).toBe(2000);
});

test("an error keeps what was written", () => {
  const answer = after(content("half"), { type: "error", error: "E", message: "no", code: "c", request_id: "r" });
  expect(answer).toMatchObject({
    text: "half",
    failure: { kind: "provider", message: "no", code: "c", requestId: "r" },
  });
});

test("a missing key is told apart from other errors", () => {
  expect(after({ type: "auth", auth: "A", error: "A", message: "key", code: "c", request_id: "r" }).failure?.kind).toBe(
    "auth",
  );
});

test("usage after the end still counts", () => {
  const answer = after(
    { type: "finish", finish: { reason: "stop" } },
    { type: "usage", usage: { completion_tokens: 7, estimated: true } },
  );
  expect(answer).toMatchObject({ finish: "stop", endedAt: 1000, tokens: 7, estimated: true });
});

test("an end that is known already stands", () => {
  const answer = after({ type: "finish", finish: { reason: "length" } });
  expect(finished(answer, "interrupted", 9000)).toBe(answer);
});

test("a kind of chunk nobody knows changes nothing", () => {
  const answer = after(content("a"));
  expect(reduce(answer, { type: "hologram" } as unknown as Chunk, 2000)).toBe(answer);
});
