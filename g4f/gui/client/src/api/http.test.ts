import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import { expect, test } from "vitest";

import { bodyOf, serve } from "../../serving.ts";
import { get, read, send } from "./http";

test("a JSON body is fetched with the headers that are given", async () => {
  const origin = await serve(({ headers }, response) =>
    response.end(JSON.stringify([headers.accept, headers["x-api-base"]])),
  );
  expect(await get(origin, { "x-api-base": "https://a.example" })).toEqual(["application/json", "https://a.example"]);
});

test("a refusal keeps the server's words, without the name of the error before them", async () => {
  const error = {
    message: "NotFoundError: No such provider.",
    type: "NotFoundError",
    code: "not_found",
    request_id: "r1",
  };
  const origin = await serve((_, response) => response.writeHead(404).end(JSON.stringify({ error })));
  await expect(get(origin)).rejects.toMatchObject({
    message: "No such provider.",
    status: 404,
    code: "not_found",
    requestId: "r1",
  });
});

test.each(["<h1>Bad gateway</h1>", "null", '{"error": "no"}'])("a refusal of %s says its status", async (body) => {
  const origin = await serve((_, response) => response.writeHead(502, "Bad Gateway").end(body));
  await expect(get(origin)).rejects.toMatchObject({ message: "502 Bad Gateway", code: "" });
});

test("a value is sent as JSON with its method", async () => {
  const origin = await serve(async (request, response) => {
    response.end(`${request.method ?? ""} ${request.headers["content-type"] ?? ""} ${await bodyOf(request)}`);
  });
  expect(await (await send("PATCH", origin, { title: "a" })).text()).toBe('PATCH application/json {"title":"a"}');
});

test("a response is there as soon as its headers are, and leaving it closes the connection", async () => {
  let seen: IncomingMessage | undefined;
  const origin = await serve((request, response) => {
    seen = request;
    response.flushHeaders();
  });
  const leaving = new AbortController();
  const response = await read(origin, { signal: leaving.signal });
  leaving.abort();
  await expect(response.text()).rejects.toThrow();
  if (seen && !seen.socket.destroyed) await once(seen.socket, "close");
  expect(seen?.socket.destroyed).toBe(true);
});
