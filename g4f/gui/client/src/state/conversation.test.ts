// @vitest-environment happy-dom
import type { ServerResponse } from "node:http";

import { expect, test, vi } from "vitest";

import { answering, BARE, FINISH, kept, lastOf, owner, type Stream, text } from "../../conversing.ts";
import { events, named, visitChats } from "../../serving.ts";
import type { Reply } from "../chat/turn";
import { Conversation } from "./conversation.svelte";

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
