import { expect, test } from "vitest";

import { load, translator } from "../../i18n";
import type { Trash } from "../../wire";
import { leftOf, seenBefore } from "./trash";

const HOUR = 3_600_000;

test.each([
  [24 * 30 * HOUR - 1, "30 days left"],
  [25 * HOUR, "1 day left"],
  [23 * HOUR, "goes within a day"],
  [-HOUR, "goes within a day"],
])("it is told how long a file can be restored (%#)", async (left, told) => {
  expect(leftOf({ expires_at: 1000 + left }, 1000, translator("en", await load("en")))).toBe(told);
});

test("only what was seen in the trash is deleted for good", () => {
  const file = { id: "f", bucket: null, name: "a", media_type: "", size: 1, expires_at: 0 };
  const trash: Trash = { files: [7, 5].map((deleted_at) => ({ ...file, deleted_at })), count: 2, size: 2 };
  expect(seenBefore(trash)).toBe(8);
  expect(seenBefore({ files: [], count: 0, size: 0 })).toBe(1);
});
