import { expect, test } from "vitest";

import { pagesIn, shortAddress } from "./links";

test.each([
  ["Read https://a.example/b?c=d#e, please.", ["https://a.example/b?c=d#e"]],
  ["(see http://a.example/b) and http://a.example/b", ["http://a.example/b"]],
  ["https://a.example/wiki/Tea_(drink)", ["https://a.example/wiki/Tea_(drink)"]],
  ["“HTTPS://A.example/”", ["HTTPS://A.example/"]],
  ["http://127.0.0.1:8080/x http://localhost/y", ["http://127.0.0.1:8080/x", "http://localhost/y"]],
  ["http:// https://exam ftp://a.example a.example", []],
  [`https://a.example/${"b".repeat(2048)}`, []],
])("%j names its pages", (text, pages) => {
  expect(pagesIn(text)).toEqual(pages);
});

test("a page is named by its host and path", () => {
  expect([shortAddress("https://a.example/"), shortAddress("https://a.example/b?c")]).toEqual([
    "a.example",
    "a.example/b",
  ]);
});
