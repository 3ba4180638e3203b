/** Keys, matched by their place (`code`), so that they work in every keyboard layout. */

export type Command = "newChat" | "chooseModel" | "focusComposer" | "dismiss" | "settings";

export type Key = Pick<
  KeyboardEvent,
  "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey" | "isComposing" | "keyCode"
>;

const COMMANDS: Readonly<Record<string, Command>> = {
  Escape: "dismiss",
  "Shift+Escape": "focusComposer",
  "Mod+Shift+KeyO": "newChat",
  "Mod+Shift+KeyM": "chooseModel",
  "Mod+Period": "settings",
};

/** Return what a key press asks of the page; nothing while an input method composes a character. */
export function commandOf(key: Key): Command | undefined {
  return isComposing(key) || key.altKey ? undefined : COMMANDS[chordOf(key)];
}

/** Return whether a key press in the composer sends: Enter alone, or with Ctrl or ⌘. */
export function sends(key: Key): boolean {
  return !isComposing(key) && !key.altKey && !key.shiftKey && (key.code === "Enter" || key.code === "NumpadEnter");
}

function chordOf({ code, ctrlKey, metaKey, shiftKey }: Key): string {
  return `${ctrlKey || metaKey ? "Mod+" : ""}${shiftKey ? "Shift+" : ""}${code}`;
}

/** Safari ends a composition before it reports the Enter that ended it; that key press still has the code 229. */
function isComposing(key: Key): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells this key press from a plain Enter
  return key.isComposing || key.keyCode === 229;
}

/** Return how a shortcut is written on this machine. */
export function shortcut(keys: string): string {
  return navigator.userAgent.includes("Mac") ? keys.replace("Ctrl ", "⌘") : keys;
}
