/** How an answer ended and what is wrong with it, in the words of the page. */
import type { Answer } from "../../chat/reduce";
import type { Key } from "../../i18n";
import type { FinishReason } from "../../wire";

export interface Trouble {
  readonly title: Key;
  /** Our own explanation; without one the message of the failure stands. */
  readonly about: Key | null;
  /** A key or an address of one's own would help. */
  readonly connect: boolean;
}

/** Endings worth a word; the others are plain to see. */
export const ENDINGS: Readonly<Partial<Record<FinishReason, Key>>> = {
  stopped: "finish.stopped",
  length: "finish.length",
  content_filter: "finish.content_filter",
  interrupted: "finish.interrupted",
  tool_calls: "finish.tool_calls",
};

/** Return what to tell about an answer, or null when nothing is wrong with it or it is still being written. */
export function troubleOf({ failure, finish, text }: Answer): Trouble | null {
  if (finish === null || finish === "stopped") return null;
  if (failure !== null && text !== "") {
    return { title: "failure.cut", about: null, connect: false };
  }
  if (failure !== null) {
    return { title: `failure.${failure.kind}`, about: null, connect: failure.kind === "auth" };
  }
  if (finish === "interrupted") return { title: "failure.cut", about: "failure.cut.about", connect: false };
  return text === "" ? { title: "failure.empty", about: "failure.empty.about", connect: false } : null;
}
