import { expect, test } from "vitest";

import { chatInAddress } from "./address";

test.each([
  ["/", ""],
  ["/chat/", ""],
  ["/chat/a%20b", "a b"],
  ["/chat/1/", "1"],
  ["/chat/1/2", ""],
])("the chat in %s is %j", (path, id) => {
  expect(chatInAddress(path)).toBe(id);
});
