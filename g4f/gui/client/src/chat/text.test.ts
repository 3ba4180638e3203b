import { expect, test } from "vitest";

import { decodeEntities, safeImage, safeLink } from "./text";

const BASE = "https://chat.example/chat/1";

test("character references become characters", () => {
  expect(decodeEntities("a &amp;lt; &#8212; &#x1F44B; &nope; &constructor;")).toBe("a &lt; — 👋 &nope; &constructor;");
});

test("a reference to no character stays as it is", () => {
  expect(decodeEntities("&#0; &#x110000;")).toBe("&#0; &#x110000;");
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\tscript:alert(1)",
  " javascript:alert(1)",
  "javascript&colon;alert(1)",
  "&#106;avascript:alert(1)",
  "java&Tab;script:alert(1)",
  "vbscript:x",
  "data:text/html,<script>",
  "file:///etc/passwd",
  "http://",
])("%j is no link", (href) => {
  expect(safeLink(href, BASE)).toBeNull();
});

test.each([
  ["https://example.com/?a=1&amp;b=2", "https://example.com/?a=1&b=2"],
  ["/files/1", "https://chat.example/files/1"],
  ["mailto:a@example.com", "mailto:a@example.com"],
])("%j is a link", (href, address) => {
  expect(safeLink(href, BASE)).toBe(address);
});

test("pictures come from this origin or from the answer itself", () => {
  const sources = [
    "/media/1.png",
    "data:image/png;base64,AA==",
    "https://other.example/x.png",
    "data:image/svg+xml,<svg>",
  ];
  expect(sources.map((source) => safeImage(source, BASE) !== null)).toEqual([true, true, false, false]);
});
