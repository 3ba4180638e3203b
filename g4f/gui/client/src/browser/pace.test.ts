import { expect, test, vi } from "vitest";

import { Pace } from "./pace";

test("many requests become one paint", () => {
  vi.useFakeTimers();
  const paint = vi.fn();
  const pace = new Pace(paint);
  for (let index = 0; index < 100; index++) pace.request();
  vi.runAllTimers();
  expect(paint).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test("a request after a paint is painted too", () => {
  vi.useFakeTimers();
  const paint = vi.fn();
  const pace = new Pace(paint);
  pace.request();
  vi.runAllTimers();
  pace.request();
  vi.runAllTimers();
  expect(paint).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});

test("the last paint does not wait, and nothing follows it", () => {
  vi.useFakeTimers();
  const paint = vi.fn();
  const pace = new Pace(paint);
  pace.request();
  pace.flush();
  vi.runAllTimers();
  expect(paint).toHaveBeenCalledOnce();
  vi.useRealTimers();
});
