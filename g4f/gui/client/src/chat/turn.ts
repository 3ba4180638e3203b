/** What a conversation consists of. */
import type { Answer } from "./reduce";

/** A text file, read in the browser; it goes with every request of its conversation. */
export interface Attachment {
  readonly name: string;
  readonly text: string;
  /** Bytes. */
  readonly size: number;
}

export interface Question {
  readonly kind: "question";
  readonly id: string;
  readonly text: string;
  readonly files: readonly Attachment[];
}

export interface Reply {
  readonly kind: "reply";
  readonly id: string;
  readonly answer: Answer;
}

export type Turn = Question | Reply;

/** The roles of the wire. A reply that never got any text is not part of what was said. */
export function messagesOf(turns: readonly Turn[]): { role: string; content: string }[] {
  return turns.flatMap((turn) => {
    if (turn.kind === "question") return [{ role: "user", content: turn.text }];
    return turn.answer.text === "" ? [] : [{ role: "assistant", content: turn.answer.text }];
  });
}

/** Return every file attached in a conversation. */
export function filesOf(turns: readonly Turn[]): readonly Attachment[] {
  return turns.flatMap((turn) => (turn.kind === "question" ? turn.files : []));
}

const TITLE_LENGTH = 60;

/** Make a title of the first question: its first line, cut at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  if (line.length <= TITLE_LENGTH) return line;
  return `${line.slice(0, TITLE_LENGTH).replace(/\s+\S*$/, "")}…`;
}
