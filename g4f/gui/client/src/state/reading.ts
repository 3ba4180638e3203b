/** Reading a run to its end, over as many connections as that takes. */
import { followRun } from "../api/backend";
import { ApiError, type ConnectionLost, isTrouble } from "../api/http";
import { isSeen, wait } from "../browser/attention";
import { Line } from "../browser/line";
import { begin, type Following, type Happening, isLost, next, pause, unheard } from "../chat/follow";
import type { Event } from "../wire";

/** Milliseconds for which the log of a run that has ended is waited for. */
const LOG_TIMEOUT = 10_000;

/** Opens a connection on which events come. */
export type Connect = (signal: AbortSignal) => AsyncGenerator<readonly Event[]>;

export interface Reader {
  /** Aborted to let go of the run, which goes on. */
  readonly signal: AbortSignal;
  heard(events: readonly Event[]): void;
  lost(lost: boolean): void;
}

/** Read a run that is known, or one that a question begins, and return what came of it; the question may be sent again. */
export async function readRun(runOrAsk: string | Connect, reader: Reader): Promise<Following> {
  const reading = new Reading(runOrAsk, reader);
  while (reading.run.phase !== "over" && !reader.signal.aborted) {
    if (reading.run.phase === "connecting") await reading.connect();
    else await reading.rest();
  }
  return reading.run;
}

/** Return the log of a run that has ended; nothing when it cannot be had, for the chat has the text. */
export async function readLog(runId: string): Promise<readonly Event[]> {
  const events: Event[] = [];
  try {
    for await (const some of followRun(runId, 0, AbortSignal.timeout(LOG_TIMEOUT))) events.push(...some);
  } catch (error) {
    if (!isTrouble(error)) throw error;
  }
  return events;
}

class Reading {
  run: Following;

  constructor(
    private readonly runOrAsk: string | Connect,
    private readonly reader: Reader,
  ) {
    this.run = begin(typeof runOrAsk === "string" ? runOrAsk : "");
  }

  /** Read as long as one connection lasts. */
  async connect(): Promise<void> {
    const line = new Line(this.reader.signal);
    try {
      this.#bind(line);
      for await (const events of this.#events(line.signal)) {
        line.live();
        this.reader.heard(unheard(this.run, events));
        this.#happen({ kind: "heard", events });
        this.#bind(line);
      }
      this.#happen({ kind: "closed" });
    } catch (error) {
      if (!isTrouble(error)) throw error;
      this.#happen(line.hidden ? { kind: "hidden" } : this.#broken(error));
    } finally {
      line.end();
    }
  }

  /** Wait until it is time to connect again. */
  async rest(): Promise<void> {
    const unseen = isSeen() ? 0 : Infinity; // it may have come back into sight before the connection was gone
    await wait(this.run.phase === "resting" ? unseen : pause(this.run), this.reader.signal);
    this.#happen({ kind: isSeen() || this.run.runId === "" ? "woken" : "hidden" });
  }

  #events(signal: AbortSignal): AsyncGenerator<readonly Event[]> {
    const { runId, after } = this.run;
    const asks = runId === "" && typeof this.runOrAsk !== "string";
    return asks ? this.runOrAsk(signal) : followRun(runId, after, signal);
  }

  /** A question that was not taken on yet is waited for, whether or not somebody looks. */
  #bind(line: Line): void {
    if (this.run.runId !== "") line.endUnseen();
  }

  #happen(happening: Happening): void {
    this.run = next(this.run, happening);
    this.reader.lost(isLost(this.run));
  }

  #broken(error: ApiError | ConnectionLost): Happening {
    if (!(error instanceof ApiError)) return { kind: "lost" };
    const { message, code, requestId, status, values } = error;
    // Without a code of ours another server stands in between, and ours behind it may be starting.
    const passing = status >= 500 && (this.run.runId !== "" || code === "");
    return { kind: "refused", passing, failure: { kind: "refused", message, code, requestId, values } };
  }
}
