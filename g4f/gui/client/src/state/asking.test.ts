// @vitest-environment happy-dom
import type { ServerResponse } from "node:http";

import { expect, test, vi } from "vitest";

import { answering, FINISH, lastOf, owner, target, text } from "../../conversing.ts";
import { events, named, visitChats } from "../../serving.ts";
import type { FileInfo } from "../wire";
import { Conversation } from "./conversation.svelte";

const NOTES: FileInfo = {
  id: "f",
  bucket: "b",
  name: "notes.txt",
  media_type: "text/plain",
  size: 4,
  digest: "",
  state: "reading",
  reason: null,
  page: null,
  pages: null,
  width: null,
  height: null,
  created_at: Date.now(),
};

test("a question makes its chat, and its answer is read to the end", async () => {
  const asked = await visitChats([answering("r", text("Hel"), text("lo"), FINISH)]);
  const conversation = new Conversation(owner);
  const reading = conversation.ask("Hi\nthere", []);
  expect(conversation.busy).toBe(true);
  await reading;
  expect(conversation).toMatchObject({ busy: false, state: "ready", last: { text: "Hello", finish: "stop" } });
  expect(asked.map(({ route }) => route)).toEqual(["POST chats", "POST conversation?framing=sse"]);
  expect(asked[0]?.body).toEqual({ id: conversation.id, title: "Hi" });
  expect(asked[1]?.body).toMatchObject({
    chat_id: conversation.id,
    provider: "scenario",
    model: "plain",
    parent_id: null,
  });
});

test("the next question stands below the answer the server named, with its files", async () => {
  const asked = await visitChats([answering("r1", text("Yes"), FINISH), answering("r2", text("No"), FINISH)]);
  const conversation = new Conversation(owner);
  await conversation.ask("One?", []);
  await conversation.ask("Two?", [NOTES]);
  expect(asked.at(-1)?.body).toMatchObject({ parent_id: "answer-r1", action: "next" });
  expect(asked.at(-1)?.body.messages).toEqual([
    { role: "user", content: [{ type: "text", text: "Two?" }, { file_id: "f" }] },
  ]);
  expect(conversation.turns).toHaveLength(4);
});

test("a question asks for a search of the web when it is wanted", async () => {
  const asked = await visitChats([answering("r1", text("Yes"), FINISH), answering("r2", text("No"), FINISH)]);
  await new Conversation(owner).ask("One?", []);
  await new Conversation({ ...owner, target: () => ({ ...target, webSearch: true }) }).ask("Two?", []);
  const questions = asked.filter(({ route }) => route.startsWith("POST conversation"));
  expect(questions.map(({ body }) => body.web_search)).toEqual([undefined, true]);
});

test("an answer whose connection breaks is asked for the rest", async () => {
  const asked = await visitChats([
    answering("r", text("Hel")),
    (response) => response.end(events(2, text("Hel"), text("lo"), FINISH)),
  ]);
  const conversation = new Conversation(owner);
  const reading = conversation.ask("Go", []);
  await vi.waitUntil(() => conversation.lost);
  await reading;
  expect(asked.at(-1)?.route).toBe("GET runs/r/events?after=2");
  expect([conversation.lost, conversation.last?.text]).toEqual([false, "Hello"]);
});

test("a question that may not have arrived is sent again in the same words", async () => {
  const asked = await visitChats([(response) => response.destroy(), answering("r", text("Yes"), FINISH)]);
  const conversation = new Conversation(owner);
  await conversation.ask("Go", []);
  const [one, other] = asked.filter(({ route }) => route.startsWith("POST conversation"));
  expect(other).toEqual(one);
  expect([conversation.turns.length, conversation.last?.text]).toEqual([2, "Yes"]);
});

test("stopping asks the server, which ends the answer", async () => {
  let stream: ServerResponse | undefined;
  const asked = await visitChats([
    (response, { body }) => {
      stream = response;
      response.write(events(1, named("r", "a", String(body.message_id)), text("Half")));
    },
  ]);
  const conversation = new Conversation(owner);
  const reading = conversation.ask("Go", []);
  await vi.waitUntil(() => conversation.last?.text === "Half");
  conversation.stop();
  await vi.waitUntil(() => asked.at(-1)?.route === "POST runs/r/stop");
  stream?.end(events(3, { type: "finish", finish: { reason: "stopped" } }));
  await reading;
  expect(conversation.last).toMatchObject({ text: "Half", finish: "stopped", failure: null });
});

test("a question that cannot be sent is given up by stopping, and sent when it is asked for again", async () => {
  await visitChats([(response) => response.destroy(), answering("r", text("Yes"), FINISH)]);
  const conversation = new Conversation(owner);
  const reading = conversation.ask("Go", []);
  await vi.waitUntil(() => conversation.lost);
  conversation.stop();
  await reading;
  expect(conversation.last?.finish).toBe("stopped");
  await conversation.again(lastOf(conversation));
  expect([conversation.turns.length, conversation.last?.text]).toEqual([2, "Yes"]);
});

test("a refusal is the answer's failure, and asking again replaces it", async () => {
  const error = { message: "RateLimitError: Slow down.", type: "RateLimitError", code: "rate_limit", request_id: "r1" };
  const asked = await visitChats([
    (response) => response.writeHead(429).end(JSON.stringify({ error })),
    answering("r", text("Yes"), FINISH),
  ]);
  const conversation = new Conversation(owner);
  await conversation.ask("Go", []);
  const failure = { kind: "refused", message: "Slow down.", code: "rate_limit", requestId: "r1" };
  expect(conversation.last?.failure).toMatchObject(failure);
  await conversation.again(lastOf(conversation));
  expect(asked.at(-1)?.body).toMatchObject({ action: "next" });
  expect(conversation.turns).toHaveLength(2);
  expect(conversation.last).toMatchObject({ text: "Yes", failure: null });
});

test("a question that was refused is not taken on, and the next one takes its place", async () => {
  const asked = await visitChats([
    answering("r1", text("Yes"), FINISH),
    (response) =>
      response.writeHead(422).end(JSON.stringify({ error: { message: "Too large.", code: "invalid_value" } })),
    answering("r2", text("No"), FINISH),
  ]);
  const conversation = new Conversation(owner);
  expect(await conversation.ask("One", [])).toBe(true);
  expect(await conversation.ask("Much too long", [])).toBe(false);
  expect(await conversation.ask("Shorter", [])).toBe(true);
  expect(asked.at(-1)?.body).toMatchObject({ parent_id: "answer-r1" });
  expect(conversation.turns.map((turn) => turn.kind === "question" && turn.text)).toEqual([
    "One",
    false,
    "Shorter",
    false,
  ]);
});

test("a question is sent on when another chat is opened before the server took it on", async () => {
  const asked = await visitChats([(response) => response.destroy(), answering("r", text("Yes"))]);
  const conversation = new Conversation(owner);
  const asking = conversation.ask("Go", []);
  await vi.waitUntil(() => conversation.lost);
  conversation.leave();
  expect(await asking).toBe(true);
  expect(asked.filter(({ route }) => route.startsWith("POST conversation"))).toHaveLength(2);
});
