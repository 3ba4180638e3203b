import { expect, test } from "vitest";

import { emptyAnswer } from "./reduce";
import { filesOf, messagesOf, titleOf, type Turn } from "./turn";

const file = { name: "a.txt", text: "x", size: 1 };
const question = (text: string): Turn => ({ kind: "question", id: text, text, files: [file] });
const reply = (text: string): Turn => ({ kind: "reply", id: text, answer: { ...emptyAnswer(0), text } });

test("a conversation is sent as roles, without answers that never came", () => {
  expect(messagesOf([question("a"), reply(""), question("b"), reply("c")])).toEqual([
    { role: "user", content: "a" },
    { role: "user", content: "b" },
    { role: "assistant", content: "c" },
  ]);
});

test("files of earlier questions go with every request", () => {
  expect(filesOf([question("a"), reply("b"), question("c")])).toHaveLength(2);
});

test("a title is the first line, cut at a word", () => {
  expect(titleOf("  Hello\nworld ")).toBe("Hello");
  expect(titleOf("word ".repeat(20))).toBe(`${"word ".repeat(12).trim()}…`);
});
