// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";

import { insertAtCaret } from "./caret";

test.each([
  ["", 0, 0, "What was said."],
  ["He said: Really?", 8, 8, "He said: What was said. Really?"],
  ["Not this", 4, 8, "Not What was said."],
  ["Beforeafter", 6, 6, "Before What was said. after"],
])("words are put into %j from %i to %i", (text, start, end, whole) => {
  document.body.replaceChildren(Object.assign(document.createElement("textarea"), { id: "field" }));
  const field = document.querySelector("textarea") as HTMLTextAreaElement;
  field.value = text;
  field.setSelectionRange(start, end);
  const heard = vi.fn();
  field.addEventListener("input", heard);
  insertAtCaret("field", "What was said.");
  expect(field.value).toBe(whole);
  expect(heard).toHaveBeenCalledOnce();
});
