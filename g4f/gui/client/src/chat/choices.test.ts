import { expect, test } from "vitest";

import type { Provider } from "../wire";
import { groupChoices } from "./choices";

const BARE = { parent: null, image: 0, audio: 0, video: 0, vision: false, nodriver: false, hf_space: false };

function provider(name: string, given: Partial<Provider> = {}): Provider {
  const access = { auth: false, live: 1, active_by_default: true, login: false, login_url: null };
  return { name, label: name, ...BARE, ...access, ...given };
}

const PROVIDERS = [provider("Locked", { auth: true, live: 0 }), provider("Open"), provider("Custom"), provider("Bare")];
const MODELS = { Locked: ["secret"], Open: ["big-model", "small-model"], Custom: ["x"] };

test("providers that need a key come last, in one row without their models", () => {
  const groups = groupChoices(PROVIDERS, MODELS, "");
  expect(groups.at(-1)).toEqual({ label: "Locked", locked: true, choices: [{ provider: "Locked", model: "" }] });
});

test("a provider that cannot answer and asks for no key is left out", () => {
  expect(groupChoices([provider("Ollama", { live: 0 })], {}, "")).toEqual([]);
});

test("a provider without a list is offered with its default model", () => {
  expect(groupChoices(PROVIDERS, MODELS, "bare")[0]?.choices).toEqual([{ provider: "Bare", model: "" }]);
});

test("a search finds models by part of their name", () => {
  const found = groupChoices(PROVIDERS, MODELS, " BIG").flatMap((group) => group.choices);
  expect(found).toEqual([{ provider: "Open", model: "big-model" }]);
});

test("a model found by its name stands before others of a provider found by its name", () => {
  const found = groupChoices([provider("Ollama")], { Ollama: ["qwen3", "llama3"] }, "llama");
  expect(found[0]?.choices).toEqual([{ provider: "Ollama", model: "llama3" }]);
});

test("a search for a provider shows all of its models", () => {
  expect(groupChoices(PROVIDERS, MODELS, "open")[0]?.choices).toHaveLength(2);
});
