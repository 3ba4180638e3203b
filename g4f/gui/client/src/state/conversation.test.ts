// @vitest-environment happy-dom
import type { ServerResponse } from "node:http";

import { expect, test, vi } from "vitest";

import { bodyOf, frames, serve, visit } from "../../serving.ts";
import { emptyAnswer } from "../chat/reduce";
import { Conversation, type Kept } from "./conversation.svelte";

const FINISH = { type: "finish", finish: { reason: "stop" } };
const text = (content: string): object => ({ type: "content", content });
const owner = { target: () => ({ provider: "scenario", model: "plain", endpoint: null }), save: () => undefined };

/** Start a conversation with a server that writes these answers, one a question; `response.end` is left to it. */
async function conversing(...answers: ((response: ServerResponse) => void)[]): Promise<Conversation> {
  visit(
    await serve((request, response) => {
      request.resume();
      answers.shift()?.(response);
    }),
  );
  return new Conversation(owner);
}

test("an answer is read to its end", async () => {
  const conversation = await conversing((response) => response.end(frames(text("Hel"), text("lo"), FINISH)));
  const asked = conversation.ask("Hi\nthere", []);
  expect(conversation.busy).toBe(true);
  await asked;
  expect(conversation).toMatchObject({ busy: false, title: "Hi", last: { text: "Hello", finish: "stop" } });
});

test("a question says who shall answer, and carries what was said before and its files", async () => {
  const bodies: string[] = [];
  const origin = await serve(async (request, response) => {
    bodies.push(await bodyOf(request));
    response.end(frames(text("Yes"), FINISH));
  });
  visit(origin);
  const conversation = new Conversation(owner);
  await conversation.ask("One?", []);
  await conversation.ask("Two?", [{ name: "notes.txt", text: "dusk", size: 4 }]);
  expect(JSON.parse(bodies[0] ?? "")).toMatchObject({
    provider: "scenario",
    model: "plain",
    conversation_id: conversation.id,
  });
  expect(bodies[1]).toContain('[{"role":"user","content":"One?"},{"role":"assistant","content":"Yes"},{"role":"user"');
  expect(bodies[1]).toMatch(/filename="notes.txt"[^]*dusk/);
});

test("stopping keeps what was written and closes the connection", async () => {
  const closed = vi.fn();
  const conversation = await conversing((response) => {
    response.on("close", closed).write(frames(text("Half")));
  });
  const asked = conversation.ask("Go", []);
  await vi.waitUntil(() => conversation.last?.text === "Half");
  conversation.stop();
  await asked;
  expect(conversation.last).toMatchObject({ text: "Half", finish: "stopped", failure: null });
  await vi.waitUntil(() => closed.mock.calls.length > 0);
});

test("a stream that ends without its end was interrupted", async () => {
  const conversation = await conversing((response) => response.end(frames(text("Half"))));
  await conversation.ask("Go", []);
  expect(conversation.last?.finish).toBe("interrupted");
});

test("a refusal is the answer's failure, and asking again replaces it", async () => {
  const error = { message: "RateLimitError: Slow down.", type: "RateLimitError", code: "rate_limit", request_id: "r1" };
  const conversation = await conversing(
    (response) => response.writeHead(429).end(JSON.stringify({ error })),
    (response) => response.end(frames(text("Yes"), FINISH)),
  );
  await conversation.ask("Go", []);
  expect(conversation.last?.failure).toEqual({
    kind: "refused",
    message: "Slow down.",
    code: "rate_limit",
    requestId: "r1",
  });
  await conversation.again();
  expect(conversation.turns).toHaveLength(2);
  expect(conversation.last).toMatchObject({ text: "Yes", failure: null });
});

test("a server that is gone is a failure of the network", async () => {
  const conversation = await conversing((response) => response.destroy());
  await conversation.ask("Go", []);
  expect(conversation.last).toMatchObject({ finish: "error", failure: { kind: "network" } });
});

test("an answer that was being written when the page was closed has ended", () => {
  const answer = { ...emptyAnswer(1), text: "Half" };
  const kept: Kept = { id: "1", title: "Go", turns: [{ kind: "reply", id: "2", answer }] };
  expect(new Conversation(owner, kept).last).toMatchObject({ text: "Half", finish: "interrupted" });
});
