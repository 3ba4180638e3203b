import { expect, test } from "vitest";

import type { ChatMessage, FileInfo, RunInfo } from "../wire";
import { titleOf, turnOf } from "./turn";

const message: ChatMessage = {
  id: "m",
  parent_id: "p",
  role: "user",
  content: "Why?",
  created_at: 5,
  run: null,
  files: [],
  citations: [],
};
const fileInfo: FileInfo = {
  id: "f",
  bucket: "b",
  name: "a.pdf",
  media_type: "application/pdf",
  size: 5,
  digest: "",
  state: "ready",
  reason: null,
  page: null,
  pages: null,
  width: null,
  height: null,
  created_at: 1,
};
const run: RunInfo = { id: "r", state: "done", provider: "P", model: "M", started_at: 10, finished_at: 30 };

test("a message of the person is a question with its files", () => {
  const files = [fileInfo];
  expect(turnOf({ ...message, files })).toMatchObject({ kind: "question", text: "Why?", files, inline: [] });
});

test("files inside the text of an old question are told from it", () => {
  const content = "<!-- File: a.txt -->\nx<-- End -->\n\nWhy?";
  expect(turnOf({ ...message, content })).toMatchObject({
    kind: "question",
    parentId: "p",
    text: "Why?",
    files: [],
    inline: [{ name: "a.txt", size: 1 }],
  });
});

test("a message of a model is a reply with what is known of its run", () => {
  const turn = turnOf({ ...message, role: "assistant", run });
  expect(turn).toMatchObject({ kind: "reply", runId: "r", whole: false, stored: true });
  expect(turn).toMatchObject({
    answer: { text: "Why?", provider: "P", model: "M", finish: "stop", startedAt: 10, endedAt: 30 },
  });
});

test("what an answer of a chat cites is kept with it", () => {
  const citations = [{ number: 1, title: "a.txt" }];
  expect(turnOf({ ...message, role: "assistant", citations })).toMatchObject({ answer: { sources: citations } });
});

test.each([
  ["running", null],
  ["stopped", "stopped"],
  ["interrupted", "interrupted"],
  ["failed", "error"],
] as const)("the answer of a run that is %s ends with %s", (state, finish) => {
  expect(turnOf({ ...message, role: "assistant", run: { ...run, state } })).toMatchObject({ answer: { finish } });
});

test("a title is the first line, cut at a word", () => {
  expect(titleOf("  Hello\nworld ")).toBe("Hello");
  expect(titleOf("word ".repeat(20))).toBe(`${"word ".repeat(12).trim()}…`);
});
