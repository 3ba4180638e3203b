import fc from "fast-check";
import { expect, test } from "vitest";

import { emptyAnswer } from "./reduce";
import { endBelow, merged, newestEnd, pathTo, versionsByPlace, withTurn } from "./tree";
import type { Question, Reply, Turn } from "./turn";

const question = (id: string, parentId: string | null = null): Question => {
  return { kind: "question", key: id, id, parentId, stored: true, text: id, files: [], inline: [] };
};
const reply = (id: string, parentId: string, text = ""): Reply => {
  const answer = { ...emptyAnswer(0), text, finish: "stop" as const };
  return { kind: "reply", key: id, id, parentId, stored: true, runId: "r", whole: true, answer };
};
const TURNS: readonly Turn[] = [question("q"), reply("a", "q"), question("q2", "a"), reply("b", "q2"), reply("c", "q")];
const ids = (turns: readonly Turn[]): string => turns.map(({ id }) => id).join(" ");

test("a path leads from the first turn down to its leaf", () => {
  expect([ids(pathTo(TURNS, "b")), ids(pathTo(TURNS, "c")), ids(pathTo(TURNS, null))]).toEqual(["q a q2 b", "q c", ""]);
});

test("the newest branch is the one something was added to last", () => {
  expect(newestEnd(TURNS)).toBe("c");
  expect(newestEnd([...TURNS, question("q3", "b")])).toBe("q3");
  expect(newestEnd([])).toBe(null);
});

test("an answer stands below its question, whichever the clocks put first", () => {
  expect(newestEnd([reply("a", "q"), question("q")])).toBe("a");
});

test("another version is shown down to its end", () => {
  expect(ids(versionsByPlace(TURNS).get("q") ?? [])).toBe("a c");
  expect(endBelow(TURNS, "a")).toBe("b");
});

test("any parents make a path that ends", () => {
  const turn = fc.record({ id: fc.constantFrom("a", "b", "c"), parentId: fc.constantFrom("a", "b", "c", null) });
  fc.assert(
    fc.property(fc.array(turn), (turns) => {
      const path = pathTo(
        turns.map(({ id, parentId }) => question(id, parentId)),
        "a",
      );
      expect(new Set(path.map(({ id }) => id)).size).toBe(path.length);
    }),
  );
});

test("a turn replaces the one of its id", () => {
  expect(ids(withTurn(TURNS, reply("a", "q", "new")))).toBe(ids(TURNS));
  expect(pathTo(withTurn(TURNS, reply("a", "q", "new")), "a")[1]).toMatchObject({ answer: { text: "new" } });
});

test("what the server says is taken over, but not in place of what is whole here", () => {
  const here = [question("q"), reply("a", "q", "whole"), { ...question("unsent", "a"), stored: false }];
  const there = [question("q"), { ...reply("a", "q", "text"), whole: false }, question("new", "a")];
  expect(ids(merged(here, there))).toBe("q a new unsent");
  expect(merged(here, there)[1]).toMatchObject({ answer: { text: "whole" } });
  const continued = [{ ...reply("a", "q", "text and more"), whole: false, runId: "r2" }];
  expect(merged(here, continued)[0]).toMatchObject({ answer: { text: "text and more" } });
});
