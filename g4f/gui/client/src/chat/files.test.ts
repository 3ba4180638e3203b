import { expect, test } from "vitest";

import type { FileInfo } from "../wire";
import { contentOf, isPicture, isRead, isShown, readContent } from "./files";

const info = (media_type: string, state: FileInfo["state"] = "ready"): FileInfo => {
  const known = { id: "f", bucket: "b", name: "a", media_type, size: 1, digest: "", state, created_at: 1 };
  return { ...known, reason: null, page: null, pages: null, width: null, height: null };
};

test("a question without files is sent as it is", () => {
  expect(contentOf("Why?", [])).toBe("Why?");
});

test("files are sent by their ids beside the text", () => {
  expect(contentOf("Why?", [info("text/plain")])).toEqual([{ type: "text", text: "Why?" }, { file_id: "f" }]);
});

test("files inside the text of an old question are told from it", () => {
  const content = "<!-- File: a.txt -->\nодин\n<-- End -->\n\n<!-- File: b.txt -->\n<-- End -->\n\nWhy?\n\nSo.";
  const inline = [
    { name: "a.txt", size: 9 },
    { name: "b.txt", size: 0 },
  ];
  expect(readContent(content)).toEqual({ text: "Why?\n\nSo.", inline });
});

test("a file is read when something came of it, or nothing could", () => {
  const states = ["waiting", "reading", "ready", "unreadable"] as const;
  expect(states.map((state) => isRead(info("text/plain", state)))).toEqual([false, false, true, true]);
});

test.each([
  ["image/png", true, true],
  ["audio/mpeg", false, true],
  ["text/html", false, false],
])("%s: a picture %s, shown %s", (type, picture, shown) => {
  expect([isPicture(info(type)), isShown(info(type))]).toEqual([picture, shown]);
});
