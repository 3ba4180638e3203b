/** Values kept in this browser, as JSON under names of our own. */

const PREFIX = "g4f.";

/** Return what was kept under `name`, or `absent` when there is nothing readable. */
export function read<Value>(name: string, absent: Value): Value {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? absent : (JSON.parse(text) as Value);
  } catch {
    // Damaged text, or a browser that keeps nothing for this page: both are the same as nothing kept.
    return absent;
  }
}

/** Keep `value` under `name`; false when this browser has no room for it or keeps nothing. */
export function write(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function remove(name: string): void {
  localStorage.removeItem(PREFIX + name);
}
