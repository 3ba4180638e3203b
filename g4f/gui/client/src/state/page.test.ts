import { afterEach, expect, test, vi } from "vitest";

import { Page } from "./page.svelte";

afterEach(() => {
  vi.useRealTimers();
});

test("an overlay takes the place of what lay over the page before", () => {
  const page = new Page();
  page.drawer = page.picker = true;
  page.open("settings");
  expect(page).toMatchObject({ overlay: "settings", drawer: false, picker: false });
});

test("dismissing closes what is open, and tells whether anything was", () => {
  const page = new Page();
  page.open("connect");
  expect([page.dismiss(), page.overlay, page.dismiss()]).toEqual([true, null, false]);
});

test("a toast with a way back stays longer, and a new one has its full time", () => {
  vi.useFakeTimers();
  const page = new Page();
  page.say({ text: "Copied" });
  vi.advanceTimersByTime(2_000);
  page.say({ text: "Deleted", action: { label: "Undo", run: () => undefined } });
  vi.advanceTimersByTime(9_000);
  expect(page.toast?.text).toBe("Deleted");
  vi.advanceTimersByTime(1_000);
  expect(page.toast).toBeNull();
});
