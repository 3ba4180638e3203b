// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";

import { addressOf, chatInAddress, showInAddress } from "./address";

beforeEach(() => {
  document.documentElement.dataset.prefix = "";
  history.replaceState(null, "", "/");
});

test.each([
  ["/", ""],
  ["/chat/", ""],
  ["/chat/a%20b", "a b"],
  ["/chat/1/", "1"],
  ["/chat/%E0%A4%A", "%E0%A4%A"],
])("the chat in %s is %j", (path, id) => {
  history.replaceState(null, "", path);
  expect(chatInAddress()).toBe(id);
});

test("everything lies under the path the server names", () => {
  document.documentElement.dataset.prefix = "/ai";
  expect(addressOf("/v1")).toBe("/ai/v1");
  showInAddress("a b");
  expect(location.pathname).toBe("/ai/chat/a%20b");
  expect(chatInAddress()).toBe("a b");
});

test("showing the chat that is shown adds nothing to the history", () => {
  showInAddress("1");
  const { length } = history;
  showInAddress("1");
  expect(history.length).toBe(length);
});
