// @vitest-environment happy-dom
import { expect, onTestFinished, test, vi } from "vitest";

import { frames, serve, visit } from "../../serving.ts";
import { Catalog } from "./catalog.svelte";
import { Chats } from "./chats.svelte";
import { Connection } from "./connection.svelte";

const ANSWER = frames({ type: "content", content: "Yes" }, { type: "finish", finish: { reason: "stop" } });

function chats(): Chats {
  const connection = new Connection();
  return new Chats(new Catalog(connection), connection);
}

/** Be in a browser whose server answers; with `endless` it never comes to the end. */
async function browser({ path = "/", endless = false } = {}): Promise<void> {
  const origin = await serve((request, response) => {
    request.resume();
    if (endless) response.write(frames({ type: "content", content: "Half" }));
    else response.end(ANSWER);
  });
  visit(origin, path);
}

test("a chat enters the list and the address with its first question", async () => {
  await browser();
  const page = chats();
  await page.current.ask("Which way?", []);
  expect(page.list).toMatchObject([{ id: page.current.id, title: "Which way?" }]);
  expect(location.pathname).toBe(`/chat/${page.current.id}`);
});

test("a page opened anew shows the chat in its address", async () => {
  await browser();
  const before = chats();
  await before.current.ask("Which way?", []);
  const after = chats();
  expect(after.current.id).toBe(before.current.id);
  expect(after.current.last?.text).toBe("Yes");
});

test("a chat that is not kept here is missing until another one begins", async () => {
  await browser({ path: "/chat/elsewhere" });
  const page = chats();
  expect([page.missing, location.pathname]).toEqual([true, "/chat/elsewhere"]);
  await page.current.ask("Which way?", []);
  expect(page.missing).toBe(false);
  page.open("nowhere");
  page.start();
  expect([page.missing, location.pathname]).toEqual([false, "/chat/"]);
});

test("a deleted chat comes back whole", async () => {
  await browser();
  const page = chats();
  await page.current.ask("Which way?", []);
  const { id } = page.current;
  const undo = page.delete(id);
  expect([page.list.length, page.current.turns.length, location.pathname]).toEqual([0, 0, "/chat/"]);
  undo();
  page.open(id);
  expect(page.current.last?.text).toBe("Yes");
});

test("a chat deleted while it is answered stays deleted", async () => {
  await browser({ endless: true });
  const page = chats();
  const asked = page.current.ask("Which way?", []);
  await vi.waitUntil(() => page.current.last?.text === "Half");
  page.delete(page.current.id);
  await asked;
  expect([page.list, chats().list]).toEqual([[], []]);
});

test("an answer goes on while another chat is open", async () => {
  await browser();
  const page = chats();
  const { current } = page;
  const asked = current.ask("Which way?", []);
  page.start();
  expect(page.current).not.toBe(current);
  await asked;
  expect(location.pathname).toBe("/chat/");
  page.open(current.id);
  expect(page.current.last?.text).toBe("Yes");
});

test("another tab's chats are taken over and not lost", async () => {
  await browser();
  const [one, other] = [chats(), chats()];
  await one.current.ask("First?", []);
  other.start();
  await other.current.ask("Second?", []);
  one.reload();
  expect(one.list.map(({ title }) => title)).toEqual(["Second?", "First?"]);
});

test("a browser without room says so", async () => {
  await browser();
  const page = chats();
  vi.stubGlobal("localStorage", {
    getItem: () => null,
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  await page.current.ask("Which way?", []);
  expect(page.full).toBe(true);
});
