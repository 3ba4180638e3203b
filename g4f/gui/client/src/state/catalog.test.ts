// @vitest-environment happy-dom
import { expect, test } from "vitest";

import { serve, visit } from "../../serving.ts";
import { CUSTOM } from "../chat/choices";
import { Catalog } from "./catalog.svelte";
import { Connection } from "./connection.svelte";

const provider = (name: string, live: number, label = ""): object => ({ name, label, live, auth: false });
const ROUTES: Readonly<Record<string, unknown>> = {
  "/backend-api/v2/providers": [
    provider("Offline", 1),
    provider("Ollama", 1),
    provider("fast", 1, "Fast"),
    provider("gone", 0),
  ],
  "/backend-api/v2/models": { fast: ["a", "b"] },
  "/backend-api/v2/models/fast": [{ id: "a" }, { id: "b", default: true }],
};

async function catalog(): Promise<Catalog> {
  visit(await serve(({ url = "" }, response) => response.end(JSON.stringify(ROUTES[url]))));
  return new Catalog(new Connection());
}

test("a provider that answers is ready; the local model server stands apart", async () => {
  const loaded = await catalog();
  await loaded.load();
  expect(loaded.state).toBe("ready");
  expect(loaded.ready.map(({ name }) => name)).toEqual(["fast"]);
  expect(loaded.local?.name).toBe("Ollama");
});

test("a server that gives no list leaves the choice to it", async () => {
  visit(await serve((_, response) => response.writeHead(500).end()));
  const failed = new Catalog(new Connection());
  await failed.load();
  expect([failed.state, failed.choice]).toEqual(["failed", { provider: "", model: "" }]);
});

test("choosing a provider takes its default model, also the next time", async () => {
  await (await catalog()).chooseProvider("fast");
  expect(new Catalog(new Connection()).choice).toEqual({ provider: "fast", model: "b" });
});

test("a person's own endpoint comes first and goes by its host", async () => {
  await catalog();
  localStorage.setItem(
    "g4f.connection",
    JSON.stringify({ baseUrl: "https://api.example/v1", apiKey: "", models: ["own"] }),
  );
  const own = new Catalog(new Connection());
  await own.load();
  expect(own.groups("").map(({ label }) => label)).toEqual(["api.example", "Offline", "Ollama", "Fast"]);
  expect(own.label(CUSTOM)).toBe("api.example");
});
