// @vitest-environment happy-dom
import type { ServerResponse } from "node:http";

import { expect, test, vi } from "vitest";

import { type Asked, events, named, visitChats } from "../../serving.ts";
import type { Reply } from "../chat/turn";
import type { FileInfo } from "../wire";
import { Conversation } from "./conversation.svelte";

const FINISH = { type: "finish", finish: { reason: "stop" } };
const text = (content: string): object => ({ type: "content", content });
const target = { provider: "scenario", model: "plain", endpoint: null, webSearch: false };
const owner = { target: () => target, changed: () => undefined };

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

type Stream = (response: ServerResponse, asked: Asked) => unknown;

/** Answer a question with these chunks; without an end the connection breaks. */
function answering(run: string, ...chunks: object[]): Stream {
  return (response, { body }) => {
    const question = typeof body.parent_id === "string" && body.action !== "next" ? body.parent_id : body.message_id;
    const log = events(1, named(run, `answer-${run}`, String(question)), ...chunks);
    response.write(log, () => (chunks.includes(FINISH) ? response.end() : response.destroy()));
  };
}

const lastOf = (conversation: Conversation): Reply => conversation.turns.at(-1) as Reply;

const BARE = { files: [], citations: [] };

/** A chat that is kept, with one question and its answer. */
function kept(run: object, content = "Half"): object {
  const question = { ...BARE, id: "q", parent_id: null, role: "user", content: "Go", created_at: 1, run: null };
  const answer = { ...BARE, id: "a", parent_id: "q", role: "assistant", content, created_at: 2 };
  const info = { id: "r", provider: "P", model: "M", started_at: 3, finished_at: null, ...run };
  const running = "state" in run && run.state === "running" ? "r" : null;
  return {
    id: "c",
    title: "Go",
    created_at: 1,
    updated_at: 2,
    run_id: running,
    messages: [question, { ...answer, run: info }],
  };
}

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

test("an answer that another device has written on is followed", async () => {
  const stored = { c: kept({ state: "interrupted", finished_at: 4 }) };
  await visitChats(
    [
      (response) => response.end(events(1, { type: "finish", finish: { reason: "interrupted" } })),
      (response) => {
        stored.c = kept({ id: "r2", state: "running" });
        response
          .writeHead(422)
          .end(JSON.stringify({ error: { message: "It is being written.", code: "invalid_value" } }));
      },
      (response) => response.end(events(1, named("r2", "a", "q"), text(" and more"), FINISH)),
    ],
    stored,
  );
  const conversation = new Conversation(owner, "c");
  await conversation.load();
  await conversation.goOn(lastOf(conversation));
  expect(conversation.last).toMatchObject({ text: "Half and more", failure: null });
});

test("what a chat does not tell of an earlier answer is heard once when it is near", async () => {
  const usage = { type: "usage", usage: { completion_tokens: 7 } };
  const log = events(1, named("r", "a", "q"), text("Half"), usage, FINISH);
  const chat = kept({ state: "done", finished_at: 4 }) as { messages: object[] };
  chat.messages.push({ ...BARE, id: "q2", parent_id: "a", role: "user", content: "On", created_at: 5, run: null });
  const asked = await visitChats([(response) => response.end(log)], { c: chat });
  const conversation = new Conversation(owner, "c");
  await conversation.load();
  const reply = (): Reply => conversation.turns[1] as Reply;
  expect(reply().answer.tokens).toBe(null);
  await Promise.all([conversation.recall(reply()), conversation.recall(reply())]);
  await conversation.recall(reply());
  expect(reply().answer.tokens).toBe(7);
  expect(asked.filter(({ route }) => route.startsWith("GET runs"))).toHaveLength(1);
});

test("a question waits for what it is to follow, and is not asked where that cannot be had", async () => {
  await visitChats([], { c: kept({ state: "done", finished_at: 4 }) });
  const conversation = new Conversation(owner, "c");
  void conversation.load();
  expect(await conversation.known()).toBe(true);
  expect(conversation.turns).toHaveLength(2);
  window.happyDOM.setURL("http://127.0.0.1:9/");
  const unknown = new Conversation(owner, "c");
  void unknown.load();
  expect(await unknown.known()).toBe(false);
});

test("an answer given anew stands beside the first one", async () => {
  const asked = await visitChats([answering("r1", text("Yes"), FINISH), answering("r2", text("No"), FINISH)]);
  const conversation = new Conversation(owner);
  await conversation.ask("Go", []);
  const first = lastOf(conversation);
  await conversation.again(first);
  expect(asked.at(-1)?.body).toMatchObject({ action: "variant", parent_id: first.parentId });
  expect(conversation.versionsOf(first)).toHaveLength(2);
  expect(conversation.last?.text).toBe("No");
  await conversation.show(first);
  expect([conversation.turns.length, conversation.last?.text]).toEqual([2, "Yes"]);
});

test("an answer that was cut is written on in its place", async () => {
  const asked = await visitChats(
    [
      (response) => response.end(events(1, { type: "finish", finish: { reason: "interrupted" } })),
      (response) => response.end(events(1, named("r2", "a", "q"), text(" and more"), FINISH)),
    ],
    { c: kept({ state: "interrupted", finished_at: 4 }) },
  );
  const conversation = new Conversation(owner, "c");
  await conversation.load();
  await conversation.goOn(lastOf(conversation));
  expect(asked.at(-1)?.body).toMatchObject({ action: "continue", parent_id: "a" });
  expect([conversation.turns.length, conversation.last?.text]).toEqual([2, "Half and more"]);
});

test("a chat that is being answered shows what its run has said and says", async () => {
  const stream: Stream = (response) =>
    response.end(events(1, named("r", "a", "q"), text(" and"), text(" more"), FINISH));
  const asked = await visitChats([stream], { c: kept({ state: "running" }) });
  const conversation = new Conversation(owner, "c");
  await conversation.load();
  expect(asked.map(({ route }) => route)).toEqual(["GET chats/c", "GET runs/r/events?after=0"]);
  expect(conversation.last).toMatchObject({ text: "Half and more", finish: "stop" });
});

test("a chat that is opened again tells all that its last run said", async () => {
  const error = { type: "error", error: "E", message: "E: It rained.", code: "c", request_id: "r1" };
  const log = events(1, named("r", "a", "q"), text("Half"), error, { type: "finish", finish: { reason: "error" } });
  await visitChats([(response) => response.end(log)], { c: kept({ state: "failed", finished_at: 9 }) });
  const conversation = new Conversation(owner, "c");
  await conversation.load();
  expect(conversation.last).toMatchObject({ text: "Half", failure: { message: "It rained." }, endedAt: 9 });
});

test("a chat that the server does not have is missing, and one that cannot be fetched has failed", async () => {
  await visitChats([]);
  const missing = new Conversation(owner, "nowhere");
  await missing.load();
  expect(missing.state).toBe("missing");
  window.happyDOM.setURL("http://127.0.0.1:9/");
  const failed = new Conversation(owner, "c");
  await failed.load();
  expect(failed.state).toBe("failed");
});

test("an answer that is left is written all the same and read no further", async () => {
  const closed = vi.fn();
  const asked = await visitChats([
    (response, { body }) => {
      response.on("close", closed).write(events(1, named("r", "a", String(body.message_id)), text("Half")));
    },
  ]);
  const conversation = new Conversation(owner);
  const reading = conversation.ask("Go", []);
  await vi.waitUntil(() => conversation.last?.text === "Half");
  conversation.leave();
  await reading;
  await vi.waitUntil(() => closed.mock.calls.length > 0);
  expect(asked.filter(({ route }) => route.includes("stop"))).toEqual([]);
});

test("what changes elsewhere during an answer is fetched when it has ended", async () => {
  let stream: ServerResponse | undefined;
  const asked = await visitChats([
    (response) => (stream = response).write(events(1, named("r", "a", "q"), text("Half"))),
  ]);
  const conversation = new Conversation(owner);
  const reading = conversation.ask("Go", []);
  await vi.waitUntil(() => conversation.last?.text === "Half");
  await conversation.refresh();
  expect(asked.filter(({ route }) => route.startsWith("GET chats/"))).toEqual([]);
  stream?.end(events(3, FINISH));
  await reading;
  expect(conversation.state).toBe("missing");
});

/** Hide this tab, or bring it back into sight. */
function see(state: DocumentVisibilityState): void {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

test.each(["at once", "later"])(
  "a tab that nobody sees closes its connection and comes %s for the rest",
  async (when) => {
    const closed = vi.fn();
    const asked = await visitChats([
      (response, { body }) => {
        response.on("close", closed).write(events(1, named("r", "a", String(body.message_id)), text("Half")));
      },
      (response) => response.end(events(3, text(" more"), FINISH)),
    ]);
    const conversation = new Conversation(owner);
    const reading = conversation.ask("Go", []);
    await vi.waitUntil(() => conversation.last?.text === "Half");
    see("hidden");
    if (when === "later") await vi.waitUntil(() => closed.mock.calls.length > 0);
    see("visible");
    await reading;
    expect([asked.at(-1)?.route, conversation.last?.text]).toEqual(["GET runs/r/events?after=2", "Half more"]);
  },
);
