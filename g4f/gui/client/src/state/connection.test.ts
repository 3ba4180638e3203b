// @vitest-environment happy-dom
import { expect, test } from "vitest";

import { serve, visit } from "../../serving.ts";
import { Connection } from "./connection.svelte";

const ENDPOINT = { baseUrl: "https://api.example/v1", apiKey: "sk-1" };

test("an endpoint that lists its models is kept", async () => {
  visit(await serve(({ headers }, response) => response.end(JSON.stringify([{ id: headers["x-api-key"] }]))));
  await new Connection().connect(ENDPOINT);
  const kept = new Connection();
  expect(kept).toMatchObject({ endpoint: ENDPOINT, host: "api.example", models: ["sk-1"] });
});

test("a model that an endpoint lists twice is kept once", async () => {
  const listed = ["a", "b", "a"].map((id) => ({ id }));
  visit(await serve((_, response) => response.end(JSON.stringify(listed))));
  const connection = new Connection();
  await connection.connect(ENDPOINT);
  expect(connection.models).toEqual(["a", "b"]);
});

test("an endpoint that refuses is not kept, and its words are told", async () => {
  const error = { message: "Incorrect API key provided.", type: "AuthenticationError" };
  visit(await serve((_, response) => response.writeHead(401).end(JSON.stringify({ error }))));
  const connection = new Connection();
  await connection.connect(ENDPOINT);
  expect(connection.test).toMatchObject({ state: "failed", error: { message: "Incorrect API key provided." } });
  expect(new Connection().endpoint).toBeNull();
});

test("a model that is not listed can be added, and all be forgotten", async () => {
  visit(await serve((_, response) => response.end("[]")));
  const connection = new Connection();
  await connection.connect(ENDPOINT);
  connection.addModel("own");
  connection.addModel("own");
  expect(new Connection().models).toEqual(["own"]);
  connection.forget();
  expect([connection.endpoint, new Connection().endpoint, localStorage.length]).toEqual([null, null, 0]);
});
