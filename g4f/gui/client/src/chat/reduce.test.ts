import { expect, test } from "vitest";

import type { ChatMessage, Chunk } from "../wire";
import { type Answer, answerOf, canGoOn, emptyAnswer, finished, goingOn, reduce, retold } from "./reduce";

function after(...chunks: Chunk[]): Answer {
  return chunks.reduce((answer, chunk, index) => reduce(answer, chunk, 1000 * (index + 1)), emptyAnswer(0));
}

const MESSAGE: ChatMessage = {
  id: "m",
  parent_id: "q",
  role: "assistant",
  content: "kept",
  created_at: 0,
  run: null,
  files: [],
  citations: [],
};
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

test("a message before any provider is asked is about none", () => {
  const trouble: Chunk = { type: "message", message: "UnreadableError: a.pdf was left out", error: "UnreadableError" };
  const provider: Chunk = { type: "provider", provider: { name: "One" } };
  const cut = after(trouble, provider, { type: "finish", finish: { reason: "interrupted" } });
  expect(cut.notices).toEqual([{ label: "", message: "a.pdf was left out" }]);
  expect(reduce(goingOn(cut, 0), trouble, 0).notices).toEqual([{ label: "", message: "a.pdf was left out" }]);
});

test("what did not fit the window is told, and the forms of other clients are not", () => {
  const values = { messages: 8, tokens: 2624, window: 1500 };
  const answer = after(
    { type: "parameters", parameters: { left_out: values } },
    { type: "parameters", parameters: {} },
  );
  expect(answer.notices).toEqual([{ label: "", message: "", code: "left_out", values }]);
});

test("what may be cited stays when the answer goes on, until there is something else to cite", () => {
  const sources = (title: string): Chunk => ({ type: "sources", sources: [{ number: 1, title }] });
  const on = goingOn(after(sources("a.txt"), content("see [1]")), 5000);
  expect(on.sources).toEqual([{ number: 1, title: "a.txt" }]);
  expect(reduce(on, sources("b.txt"), 6000).sources).toEqual([{ number: 1, title: "b.txt" }]);
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

test("a failure that was told of as a notice is told of once", () => {
  const message: Chunk = { type: "message", message: "ResponseError: 500", error: "ResponseError" };
  const other: Chunk = { type: "message", message: "TimeoutError: slow", error: "TimeoutError" };
  const failure: Chunk = {
    type: "error",
    error: "ResponseError",
    message: "ResponseError: 500",
    code: "c",
    request_id: "r",
  };
  expect(after(other, message, failure)).toMatchObject({ notices: [{ message: "slow" }], failure: { message: "500" } });
  expect(after(message, other, failure).notices).toHaveLength(2);
});

test("thinking ends when the answer begins", () => {
  const answer = after({ type: "reasoning", token: "hm" }, { type: "reasoning", token: "m" }, content("yes"));
  expect(answer.thought).toEqual({ text: "hmm", status: "", startedAt: 1000, endedAt: 3000 });
});

test("thinking ends at its closing mark", () => {
  const answer = after({ type: "reasoning", token: "hm" }, { type: "reasoning", is_thinking: "</think>" });
  expect(answer.thought?.endedAt).toBe(2000);
});

test("a pause in thinking is not counted as thinking", () => {
  const cut = after({ type: "reasoning", token: "a" }, { type: "finish", finish: { reason: "interrupted" } });
  const on = reduce(goingOn(cut, 60_000), { type: "reasoning", token: "b" }, 61_000);
  const { text, startedAt, endedAt } = reduce(on, content("yes"), 63_000).thought ?? {};
  expect([text, Number(endedAt) - Number(startedAt)]).toEqual(["ab", 3000]);
});

test("how long an answer of a chat was thought about is not made up", () => {
  const run = { id: "r", state: "done", provider: "P", model: "M", started_at: 10, finished_at: 30 } as const;
  const told = retold(answerOf({ ...MESSAGE, run }), [{ type: "reasoning", token: "hm" }, content("kept")]);
  expect(told.thought).toMatchObject({ text: "hm", startedAt: null });
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

test("an answer that goes on keeps its text and forgets its end", () => {
  const cut = after(content("a"), { type: "finish", finish: { reason: "interrupted" } });
  expect(canGoOn(cut)).toBe(true);
  const on = reduce(goingOn(cut, 5000), content("b"), 6000);
  expect(on).toMatchObject({ text: "ab", finish: null, startedAt: 5000, endedAt: null });
  expect(canGoOn(on)).toBe(false);
});

test("what the log of a run tells is added to the text and the times that are kept", () => {
  const run = { id: "r", state: "failed", provider: "P", model: "M", started_at: 10, finished_at: 30 } as const;
  const failure: Chunk = { type: "error", error: "E", message: "E: No.", code: "c", request_id: "r1" };
  const told = retold(answerOf({ ...MESSAGE, created_at: 5, run }), [
    content("ke"),
    failure,
    { type: "finish", finish: { reason: "error" } },
  ]);
  expect(told).toMatchObject({
    text: "kept",
    finish: "error",
    failure: { message: "No." },
    startedAt: 10,
    endedAt: 30,
  });
});

test("an answer costs what the server says, and nothing is made up without a price", () => {
  const usage = { prompt_tokens: 3, completion_tokens: 7, cost_micros: 1234, currency: "EUR" };
  const priced = reduce(emptyAnswer(0), { type: "usage", usage }, 1);
  expect(priced).toMatchObject({ promptTokens: 3, tokens: 7, cost: { micros: 1234, currency: "EUR" } });
  const unpriced = reduce(priced, { type: "usage", usage: { completion_tokens: 7, cost_micros: null } }, 1);
  expect(unpriced).toMatchObject({ promptTokens: null, cost: null });
});
