/** Following a run over connections that break: which event is new, when to connect again, when it is over. */
import type { Event } from "../wire";
import type { Failure } from "./reduce";

/** `connecting`: there is a connection, or there will be at once; `resting`: nobody looks. */
type Phase = "connecting" | "waiting" | "resting" | "over";

export interface Following {
  /** Empty until the server named the run. */
  readonly runId: string;
  /** The number of the last event that was heard. */
  readonly after: number;
  readonly phase: Phase;
  /** Connections that were lost one after another. */
  readonly tries: number;
  /** This connection brought something. */
  readonly heard: boolean;
  /** The end of the answer was heard. */
  readonly finished: boolean;
  readonly failure: Failure | null;
}

/** What happens to a connection, or to the person waiting. */
export type Happening =
  | { readonly kind: "heard"; readonly events: readonly Event[] }
  /** The server ended the stream. */
  | { readonly kind: "closed" }
  | { readonly kind: "lost" }
  | { readonly kind: "refused"; readonly passing: boolean; readonly failure: Failure }
  | { readonly kind: "hidden" }
  | { readonly kind: "woken" };

const FIRST = 500;
const LONGEST = 5_000;

/** Begin with a question, or with the first event of a run that is known. */
export function begin(runId = ""): Following {
  return { runId, after: 0, phase: "connecting", tries: 0, heard: false, finished: false, failure: null };
}

/** Return the events that were not heard before. An event without a number is not in the log and comes only once. */
export function unheard({ after }: Following, events: readonly Event[]): readonly Event[] {
  return events.filter(({ number }) => number === 0 || number > after);
}

/** Return how the following goes on. */
export function next(run: Following, happening: Happening): Following {
  if (run.phase === "over") return run;
  switch (happening.kind) {
    case "heard":
      return heard(run, unheard(run, happening.events));
    case "closed":
      // A stream that brought nothing and ended has no more to bring.
      return run.finished || !run.heard ? { ...run, phase: "over" } : { ...run, heard: false };
    case "lost":
      return run.finished ? { ...run, phase: "over" } : waiting(run);
    case "refused":
      // While a run goes on, a server in trouble is worth waiting for; what it did not take on is told at once.
      return happening.passing ? waiting(run) : { ...run, phase: "over", failure: happening.failure };
    case "hidden":
      return { ...run, phase: run.finished ? "over" : "resting" };
    case "woken":
      return { ...run, phase: "connecting", heard: false };
  }
}

/** Return the milliseconds until the next try. */
export function pause({ tries }: { readonly tries: number }): number {
  return Math.min(LONGEST, FIRST * 2 ** (tries - 1));
}

/** Return whether the person should know that there is no connection. */
export function isLost({ phase, tries }: Following): boolean {
  return tries > 0 && phase !== "over";
}

function heard(run: Following, events: readonly Event[]): Following {
  if (events.length === 0) return { ...run, tries: 0 };
  const named = events.find(({ chunk }) => chunk.type === "run")?.chunk;
  return {
    ...run,
    runId: named?.type === "run" ? named.run.id : run.runId,
    after: Math.max(run.after, ...events.map(({ number }) => number)),
    tries: 0,
    heard: true,
    finished: run.finished || events.some(({ chunk }) => chunk.type === "finish"),
  };
}

function waiting(run: Following): Following {
  return { ...run, phase: "waiting", tries: run.tries + 1, heard: false };
}
