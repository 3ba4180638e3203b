import fc from "fast-check";
import { expect, test } from "vitest";

import type { Event } from "../wire";
import { begin, type Following, type Happening, isLost, next, pause, unheard } from "./follow";

/** A log of one run: its name, `count` words, its end. */
function logOf(count: number): readonly Event[] {
  const words = Array.from({ length: count }, (_, index) => ({ type: "content" as const, content: `${index} ` }));
  const run = { type: "run" as const, run: { id: "r", chat_id: "c", message_id: "m", parent_id: "p" } };
  const chunks = [run, ...words, { type: "finish" as const, finish: { reason: "stop" as const } }];
  return chunks.map((chunk, index) => ({ number: index + 1, chunk }));
}

const failure = { kind: "refused", message: "No.", code: "c", requestId: "r" } as const;
const after = (...happenings: Happening[]): Following => happenings.reduce(next, begin());
const heard = (...events: Event[]): Happening => ({ kind: "heard", events });

/** What may befall a connection: how much of the log it brings from how far back, and how it ends. */
const connection = fc.record({
  back: fc.nat({ max: 5 }),
  count: fc.nat({ max: 8 }),
  end: fc.constantFrom("closed", "lost", "hidden"),
});

test("whatever befalls the connections, each event is heard once and in order", () => {
  const log = logOf(20);
  fc.assert(
    fc.property(fc.array(connection, { maxLength: 40 }), (connections) => {
      let run = begin();
      const told: Event[] = [];
      const calm = Array.from({ length: log.length }, () => ({ back: 0, count: 8, end: "lost" as const }));
      for (const { back, count, end } of [...connections, ...calm]) {
        if (run.phase === "over") break;
        const from = Math.max(0, run.after - back);
        const events = log.slice(from, from + Math.max(count, back + 1));
        told.push(...unheard(run, events));
        run = [heard(...events), { kind: end }, { kind: "woken" } as const].reduce(next, run);
      }
      expect(told).toEqual(log);
      expect(run).toMatchObject({ phase: "over", finished: true, runId: "r", failure: null });
    }),
  );
});

test("a connection that is lost is waited for, longer each time and never long", () => {
  const lost = Array.from({ length: 6 }, (_, index) => after(...Array<Happening>(index + 1).fill({ kind: "lost" })));
  expect(lost.map(pause)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
  expect(lost.every((run) => run.phase === "waiting" && isLost(run))).toBe(true);
});

test("the person is told until something is heard again, a sign of life too", () => {
  const back = after({ kind: "lost" }, { kind: "woken" });
  expect([back.phase, isLost(back), isLost(next(back, heard()))]).toEqual(["connecting", true, false]);
});

test("a tab that nobody sees rests and has lost nothing", () => {
  const hidden = after(heard(...logOf(1).slice(0, 2)), { kind: "hidden" });
  expect([hidden.phase, isLost(hidden), next(hidden, { kind: "woken" }).phase]).toEqual([
    "resting",
    false,
    "connecting",
  ]);
});

test("a stream that ends without the answer's end is asked for the rest, and one that brings nothing is over", () => {
  const ended = after(heard(...logOf(1).slice(0, 2)), { kind: "closed" });
  expect(ended.phase).toBe("connecting");
  expect(next(ended, { kind: "closed" })).toMatchObject({ phase: "over", finished: false });
});

test("a refusal is told, unless it passes", () => {
  expect(after({ kind: "refused", passing: false, failure })).toMatchObject({ phase: "over", failure });
  expect(after({ kind: "refused", passing: true, failure })).toMatchObject({ phase: "waiting", failure: null });
});

test("an event without a number comes only once and is heard", () => {
  const run = after(heard(...logOf(1).slice(0, 2)));
  const [last] = logOf(0)
    .slice(-1)
    .map((event) => ({ ...event, number: 0 }));
  expect(last && unheard(run, [last])).toEqual([last]);
  expect(last && next(run, heard(last))).toMatchObject({ after: 2, finished: true });
});

test("nothing happens to a run that is over", () => {
  const over = after(heard(...logOf(0)), { kind: "closed" });
  expect(next(over, { kind: "woken" })).toBe(over);
});
