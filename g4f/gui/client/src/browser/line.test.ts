// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { wait } from "./attention";
import { Line } from "./line";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Hide this tab, or bring it back into sight. */
function see(state: DocumentVisibilityState): void {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

const open = (): Line => new Line(new AbortController().signal);

test("a connection that is silent for too long ends, and one that lives does not", () => {
  const [silent, alive] = [open(), open()];
  for (let times = 0; times < 4; times++) {
    vi.advanceTimersByTime(15_000);
    alive.live();
  }
  expect([silent.signal.aborted, alive.signal.aborted]).toEqual([true, false]);
});

test("a connection ends with the network, and when its reader goes", () => {
  const reader = new AbortController();
  const [one, other] = [open(), new Line(reader.signal)];
  reader.abort();
  expect([one.signal.aborted, other.signal.aborted]).toEqual([false, true]);
  window.dispatchEvent(new Event("offline"));
  expect([one.signal.aborted, one.hidden]).toEqual([true, false]);
});

test("a connection that nobody looks at ends once it may", () => {
  const [one, other] = [open(), open()];
  one.endUnseen();
  see("hidden");
  expect([one.signal.aborted, one.hidden, other.signal.aborted]).toEqual([true, true, false]);
  other.endUnseen();
  expect([other.signal.aborted, other.hidden]).toEqual([true, true]);
  see("visible");
});

test.each([
  ["its time is over", () => vi.advanceTimersByTime(5_000)],
  ["the network is back", () => window.dispatchEvent(new Event("online"))],
  ["somebody looks", () => see("visible")],
])("a wait ends when %s", async (_, happen) => {
  const waiting = wait(5_000, new AbortController().signal);
  const ended = vi.fn();
  void waiting.then(ended);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(ended).not.toHaveBeenCalled();
  happen();
  await waiting;
});
