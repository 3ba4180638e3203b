// @vitest-environment happy-dom
import type { IncomingMessage, ServerResponse } from "node:http";

import { expect, test, vi } from "vitest";

import { bodyOf, serve, visit } from "../../serving.ts";
import { Draft } from "./draft.svelte";

interface Kept {
  readonly length: number;
  readonly metadata: Record<string, string>;
  text: string;
}

/** A server that takes uploads in parts; `fate` may answer a request in its place. */
class Store {
  readonly uploads: Kept[] = [];
  readonly asked: string[] = [];
  info: Record<string, unknown> = { state: "ready" };
  fate: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;

  static async visit(): Promise<Store> {
    const store = new Store();
    visit(await serve((request, response) => store.answer(request, response)));
    return store;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").replace("/backend-api/v2/", "");
    this.asked.push(`${request.method ?? ""} ${path}`);
    if (this.fate(request, response)) return;
    const upload = this.uploads[Number(path.split("/")[1])];
    if (request.method === "POST") this.#begin(request, response);
    else if (path.startsWith("file/")) response.end(JSON.stringify({ id: path.split("/")[1], ...this.info }));
    else if (request.method === "DELETE" || !upload) response.writeHead(upload ? 204 : 404).end();
    else {
      if (request.method === "PATCH") upload.text += await bodyOf(request);
      response.writeHead(204, { "Upload-Offset": upload.text.length }).end();
    }
  }

  #begin({ headers }: IncomingMessage, response: ServerResponse): void {
    const pairs = String(headers["upload-metadata"])
      .split(",")
      .map((pair) => pair.split(" "));
    const metadata = Object.fromEntries<string>(
      pairs.map(([name = "", value = ""]) => [name, Buffer.from(value, "base64").toString()]),
    );
    this.uploads.push({
      length: Number(headers["upload-length"]),
      metadata,
      text: "",
    });
    const place = { Location: `/backend-api/v2/uploads/${this.uploads.length - 1}`, "Upload-Offset": 0 };
    response.writeHead(201, place).end();
  }
}

const file = (name: string, text = "At dusk."): File => new File([text], name, { type: "text/plain" });
const ready = (draft: Draft): Promise<unknown> =>
  vi.waitUntil(() => draft.files.every(({ info }) => info?.state === "ready"), { timeout: 5000 });

test("attached files are uploaded at once, all of a message into one bucket", async () => {
  const store = await Store.visit();
  const draft = new Draft();
  draft.attach([file("один.txt"), file("two.txt", "")]);
  expect(draft.uploading).toBe(true);
  await ready(draft);
  const [one, two] = store.uploads;
  expect(one).toMatchObject({
    length: 8,
    text: "At dusk.",
    metadata: { filename: "один.txt", filetype: "text/plain" },
  });
  expect([two?.length, two?.metadata.bucket_id, draft.uploading]).toEqual([0, one?.metadata.bucket_id, false]);
});

test("taking the message gives its files and starts an empty one with a bucket of its own", async () => {
  const store = await Store.visit();
  const draft = new Draft();
  draft.text = " Hi ";
  draft.attach([file("a.txt")]);
  await ready(draft);
  expect(draft.take()).toMatchObject({ text: "Hi", files: [{ id: "0", state: "ready" }] });
  expect(draft).toMatchObject({ text: "", files: [] });
  draft.attach([file("b.txt")]);
  await ready(draft);
  expect(store.uploads[1]?.metadata.bucket_id).not.toBe(store.uploads[0]?.metadata.bucket_id);
});

test("an upload goes on where its connection was cut", async () => {
  const store = await Store.visit();
  let cuts = 2;
  store.fate = (request) => {
    const cut = request.method === "PATCH" && cuts-- > 0;
    const upload = store.uploads[0];
    if (cut && upload) upload.text += "At dusk.".slice(upload.text.length, upload.text.length + 2);
    if (cut) request.socket.destroy();
    return cut;
  };
  const draft = new Draft();
  draft.attach([file("a.txt")]);
  await vi.waitUntil(() => draft.files[0]?.lost);
  await ready(draft);
  expect(store.uploads.map(({ text }) => text)).toEqual(["At dusk."]);
  expect(store.asked.filter((asked) => asked.startsWith("HEAD"))).toHaveLength(2);
  expect(draft.files[0]?.lost).toBe(false);
}, 10_000);

test("a refusal stands on the file in the server's words, and the file is not sent", async () => {
  const store = await Store.visit();
  store.fate = (request, response) => {
    const error = { message: "PayloadTooLargeError: Over 1 MiB.", type: "PayloadTooLargeError", code: "too_large" };
    if (request.method === "POST") response.writeHead(413).end(JSON.stringify({ error }));
    return request.method === "POST";
  };
  const draft = new Draft();
  draft.attach([file("a.txt")]);
  await vi.waitUntil(() => !draft.uploading);
  expect(draft.files[0]?.failure).toMatchObject({ kind: "refused", code: "too_large", message: "Over 1 MiB." });
  expect(draft.take().files).toEqual([]);
});

test("a file is followed while it is read, and left out when nothing can be read from it", async () => {
  const store = await Store.visit();
  store.info = { state: "reading", page: 1, pages: 3 };
  const draft = new Draft();
  draft.attach([file("a.pdf")]);
  await vi.waitUntil(() => draft.files[0]?.info?.page === 1);
  store.info = { state: "unreadable", reason: "It is encrypted." };
  await vi.waitUntil(() => draft.files[0]?.info?.reason === "It is encrypted.", { timeout: 5000 });
  expect(draft.take().files).toEqual([]);
  await vi.waitUntil(() => store.asked.includes("DELETE file/0"));
});

test("a file that is taken back while it is uploaded is given up on the server", async () => {
  const store = await Store.visit();
  store.fate = (request) => request.method === "PATCH";
  const draft = new Draft();
  draft.attach([file("a.txt")]);
  await vi.waitUntil(() => store.asked.some((asked) => asked.startsWith("PATCH")));
  for (const attached of draft.files) draft.detach(attached);
  await vi.waitUntil(() => store.asked.includes("DELETE uploads/0"));
  expect([draft.files, draft.uploading]).toEqual([[], false]);
});

test("a file that is taken back after it was uploaded is deleted", async () => {
  const store = await Store.visit();
  const draft = new Draft();
  draft.attach([file("a.txt")]);
  await ready(draft);
  for (const attached of draft.files) draft.detach(attached);
  await vi.waitUntil(() => store.asked.includes("DELETE file/0"));
});

test("three files are uploaded at a time", async () => {
  const store = await Store.visit();
  let held: (() => void)[] = [];
  store.fate = (request, response) => {
    if (request.method === "POST") held.push(() => response.writeHead(413).end("{}"));
    return request.method === "POST";
  };
  const draft = new Draft();
  draft.attach(["a", "b", "c", "d"].map((name) => file(name)));
  await vi.waitUntil(() => held.length === 3);
  const [first] = held;
  held = [];
  first?.();
  await vi.waitUntil(() => held.length === 1);
  expect(draft.files.map(({ failure }) => failure !== null)).toEqual([true, false, false, false]);
});

test("a page the message names is offered, and attached as the file the server makes of it", async () => {
  const store = await Store.visit();
  const url = "https://a.example/b";
  store.fate = ({ method }, response) => {
    if (method === "POST") response.end(JSON.stringify({ id: "p", state: "waiting" }));
    return method === "POST";
  };
  const draft = new Draft();
  draft.text = `Read ${url}.`;
  expect(draft.pages).toEqual([url]);
  draft.attach(draft.pages);
  expect(draft.pages).toEqual([]);
  await ready(draft);
  expect(store.asked[0]).toMatch(/^POST buckets\/draft-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/pages$/);
  expect(draft.take().files).toEqual([{ id: "p", state: "ready" }]);
});

test("a page that cannot be had says why, and is offered again once it is taken out", async () => {
  const store = await Store.visit();
  store.fate = (_, response) => {
    response.writeHead(502).end(JSON.stringify({ error: { message: "The page answered 404.", type: "x", code: "y" } }));
    return true;
  };
  const draft = new Draft();
  draft.text = "http://a.example/b";
  draft.attach(draft.pages);
  await vi.waitFor(() => expect(draft.files[0]?.failure?.message).toBe("The page answered 404."));
  if (draft.files[0]) draft.detach(draft.files[0]);
  expect(draft.pages).toEqual(["http://a.example/b"]);
});

test("the text of each chat is there after a reload, until it is sent", () => {
  visit("http://127.0.0.1:9");
  const draft = new Draft();
  draft.turnTo("one");
  draft.text = "Begun";
  draft.turnTo("two");
  draft.text = "Sent";
  draft.take();
  const reloaded = new Draft();
  const texts = ["one", "two"].map((chat) => {
    reloaded.turnTo(chat);
    return reloaded.text;
  });
  expect(texts).toEqual(["Begun", ""]);
});

test("a message that was not taken on comes back with its files, before what was written since", async () => {
  await Store.visit();
  const draft = new Draft();
  draft.text = "First";
  draft.attach([file("a.txt")]);
  await ready(draft);
  const taken = draft.take();
  draft.text = "Second";
  draft.giveBack("", taken);
  expect([draft.text, draft.files]).toEqual(["First\n\nSecond", taken.attached]);
  expect(draft.take().files).toEqual(taken.files);
});

test("a message that was taken on after all leaves its field, and another one stays", () => {
  visit("http://127.0.0.1:9");
  const draft = new Draft();
  draft.text = "Go";
  draft.sent("", "Other");
  expect(draft.text).toBe("Go");
  draft.sent("", "Go");
  expect(draft.text).toBe("");
});
