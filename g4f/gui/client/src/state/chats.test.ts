// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";

import { events, named, visitChats } from "../../serving.ts";
import { ConnectionLost } from "../api/http";
import { Catalog } from "./catalog.svelte";
import { Chats } from "./chats.svelte";
import { Connection } from "./connection.svelte";
import { Draft } from "./draft.svelte";
import { Web } from "./web.svelte";

const ANSWER = events(
  1,
  named("r", "a", "q"),
  { type: "content", content: "Yes" },
  { type: "finish", finish: { reason: "stop" } },
);
const CHAT = { id: "c", title: "Old", created_at: 1, updated_at: 2, run_id: null, messages: [] };

function chats(draft = new Draft()): Chats {
  const connection = new Connection();
  return new Chats(new Catalog(connection), connection, new Web(), draft);
}

test("a chat enters the list and the address with its first question", async () => {
  await visitChats([(response) => response.write("")]);
  const page = chats();
  void page.current.ask("Which way?", []);
  expect(page.list).toMatchObject([{ id: page.current.id, title: "Which way?" }]);
  expect(location.pathname).toBe(`/chat/${page.current.id}`);
});

test("a page opened anew shows the chat in its address", async () => {
  await visitChats([], { c: CHAT }, "/chat/c");
  const page = chats();
  await vi.waitUntil(() => page.current.state === "ready");
  expect([page.current.id, page.current.title]).toEqual(["c", "Old"]);
});

test("a chat that is not there is missing until another one begins", async () => {
  await visitChats([], {}, "/chat/elsewhere");
  const page = chats();
  await vi.waitUntil(() => page.current.state === "missing");
  expect(location.pathname).toBe("/chat/elsewhere");
  page.start();
  expect([page.current.state, location.pathname]).toEqual(["new", "/chat/"]);
});

test("a chat that is deleted leaves the list and the address at once", async () => {
  const asked = await visitChats([(response) => response.end(ANSWER)]);
  const page = chats();
  await page.current.ask("Which way?", []);
  const { id } = page.current;
  const deleted = page.delete(id);
  expect([page.list.length, page.current.turns.length, location.pathname]).toEqual([0, 0, "/chat/"]);
  await deleted;
  await page.restore(id);
  const changes = asked.map(({ route }) => route).filter((route) => route.includes(id));
  expect(changes).toEqual([`DELETE chats/${id}`, `POST chats/${id}/restore`]);
});

test("a chat gets its new title in the list and over the conversation", async () => {
  const asked = await visitChats([(response) => response.write("")]);
  const page = chats();
  void page.current.ask("Which way?", []);
  await page.rename(page.current.id, "Ways");
  expect([page.list[0]?.title, page.current.title]).toEqual(["Ways", "Ways"]);
  expect(asked.find(({ route }) => route.startsWith("PATCH"))?.body).toEqual({ title: "Ways" });
});

/** From now on the server is not there. */
const goAway = (): void => window.happyDOM.setURL("http://127.0.0.1:9/");

/** A page that shows its one chat. */
async function opened(): Promise<Chats> {
  const page = chats();
  await vi.waitUntil(() => page.state === "ready" && page.current.state === "ready");
  return page;
}

test("a title that the server did not take is the old one again", async () => {
  await visitChats([], { c: CHAT }, "/chat/c");
  const page = await opened();
  goAway();
  const renaming = page.rename("c", "Ways");
  expect([page.list[0]?.title, page.current.title]).toEqual(["Ways", "Ways"]);
  await expect(renaming).rejects.toThrow(ConnectionLost);
  expect([page.list[0]?.title, page.current.title]).toEqual(["Old", "Old"]);
});

test("a chat that could not be deleted is open again", async () => {
  await visitChats([], { c: CHAT }, "/chat/c");
  const page = await opened();
  goAway();
  const deleting = page.delete("c");
  expect([page.list.length, page.current.state]).toEqual([0, "new"]);
  await expect(deleting).rejects.toThrow(ConnectionLost);
  expect([page.list[0]?.id, page.current.id]).toEqual(["c", "c"]);
});

test("a chat that is brought back is open again where nothing else was begun", async () => {
  await visitChats([], { c: CHAT }, "/chat/c");
  const page = await opened();
  await page.delete("c");
  await page.restore("c");
  expect([page.current.id, location.pathname]).toEqual(["c", "/chat/c"]);
  await page.delete("c");
  page.open("elsewhere");
  await page.restore("c");
  expect(page.current.id).toBe("elsewhere");
});

test("a chat that is deleted while its question is on its way is not made anew", async () => {
  const asked = await visitChats([(response) => response.destroy(), (response) => response.end(ANSWER)]);
  const page = chats();
  const { current } = page;
  const asking = current.ask("Which way?", []);
  await vi.waitUntil(() => current.lost);
  await page.delete(current.id);
  expect(await asking).toBe(false);
  expect(asked.filter(({ route }) => route.startsWith("POST conversation"))).toHaveLength(1);
});

test("older chats that come twice stand in the list once", async () => {
  await visitChats([], { c: CHAT });
  const page = chats();
  await Promise.all([page.loadMore(), page.loadMore(), page.refresh()]);
  expect(page.list.map(({ id }) => id)).toEqual(["c"]);
});

test("what a server that is away did not tell is there as soon as it is back", async () => {
  await visitChats([], { c: CHAT }, "/chat/c");
  const { href } = location;
  goAway();
  history.replaceState(null, "", "/chat/c");
  const page = chats();
  await vi.waitUntil(() => page.state === "failed" && page.current.state === "failed");
  window.happyDOM.setURL(href);
  await vi.waitUntil(() => page.state === "ready" && page.current.state === "ready", { timeout: 4000 });
}, 10_000);

test("opening another chat lets go of the answer", async () => {
  const closed = vi.fn();
  const stream = ANSWER.slice(0, ANSWER.indexOf("id: 3"));
  await visitChats([(response) => response.on("close", closed).write(stream)], { c: CHAT });
  const page = chats();
  const reading = page.current.ask("Which way?", []);
  await vi.waitUntil(() => page.current.last?.text === "Yes");
  page.open("c");
  await reading;
  await vi.waitUntil(() => closed.mock.calls.length > 0);
  expect(location.pathname).toBe("/chat/c");
});

test("what another tab does in the open chat is fetched", async () => {
  const asked = await visitChats([], { c: CHAT }, "/chat/c");
  const page = chats();
  await vi.waitUntil(() => page.current.state === "ready");
  await chats().rename("c", "Ways");
  const fetches = (): number => asked.filter(({ route }) => route === "GET chats/c").length;
  await vi.waitUntil(() => fetches() > 2);
});

test("each chat has a message of its own that is being written", async () => {
  await visitChats([(response) => response.write("")], { c: CHAT });
  const draft = new Draft();
  const page = chats(draft);
  draft.text = "For a new chat";
  page.open("c");
  draft.text = "For this one";
  page.start();
  expect(draft.text).toBe("For a new chat");
  draft.take();
  void page.current.ask("Which way?", []);
  draft.text = "For the next question";
  page.open("c");
  expect([draft.text, new Draft().text]).toEqual(["For this one", ""]);
});
