import { expect, test } from "vitest";

import { commandOf, type Key, sends } from "./keyboard";

const PLAIN = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, isComposing: false, keyCode: 0 };

function key(code: string, given: Partial<Key> = {}): Key {
  return { code, ...PLAIN, ...given };
}

test.each([
  [key("KeyO", { ctrlKey: true, shiftKey: true }), "newChat"],
  [key("KeyO", { metaKey: true, shiftKey: true }), "newChat"],
  [key("KeyM", { ctrlKey: true, shiftKey: true }), "chooseModel"],
  [key("Escape"), "dismiss"],
  [key("Escape", { shiftKey: true }), "focusComposer"],
  [key("Period", { ctrlKey: true }), "settings"],
  [key("KeyO"), undefined],
  [key("KeyO", { ctrlKey: true }), undefined],
  [key("KeyO", { ctrlKey: true, shiftKey: true, altKey: true }), undefined],
  [key("Escape", { isComposing: true }), undefined],
])("%j asks for %s", (pressed, command) => {
  expect(commandOf(pressed)).toBe(command);
});

test.each([
  ["Enter", {}, true],
  ["NumpadEnter", {}, true],
  ["Enter", { ctrlKey: true }, true],
  ["Enter", { shiftKey: true }, false],
  ["Enter", { isComposing: true }, false],
  ["Enter", { keyCode: 229 }, false],
  ["KeyA", {}, false],
])("%s with %j sends: %s", (code, given, expected) => {
  expect(sends(key(code, given))).toBe(expected);
});
