/** What a conversation consists of: questions and replies, each below the one it follows. */
import type { ChatMessage, FileInfo } from "../wire";
import { type InlineFile, readContent } from "./files";
import { type Answer, answerOf } from "./reduce";

export interface Question {
  readonly kind: "question";
  /** Stays when the server gives the turn an id of its own, so that the page does not draw it anew. */
  readonly key: string;
  readonly id: string;
  readonly parentId: string | null;
  /** The server keeps it; false until it says so. */
  readonly stored: boolean;
  readonly text: string;
  readonly files: readonly FileInfo[];
  /** Files that older questions have in their text. */
  readonly inline: readonly InlineFile[];
}

export interface Reply {
  readonly kind: "reply";
  readonly key: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly stored: boolean;
  /** The run that wrote the answer last, or writes it now; empty when there is none. */
  readonly runId: string;
  /** All that its run said is in the answer; otherwise only what the chat keeps, which is the text. */
  readonly whole: boolean;
  readonly answer: Answer;
}

export type Turn = Question | Reply;

/** Return a message of the server as a turn. */
export function turnOf(message: ChatMessage): Turn {
  const { id, parent_id, role, content, run, files } = message;
  const place = { key: id, id, parentId: parent_id, stored: true };
  if (role === "user") return { kind: "question", ...place, files, ...readContent(content) };
  return {
    kind: "reply",
    ...place,
    runId: run?.id ?? "",
    whole: run === null,
    answer: answerOf(message),
  };
}

const TITLE_LENGTH = 60;

/** Make a title of the first question: its first line, cut at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  if (line.length <= TITLE_LENGTH) return line;
  return `${line.slice(0, TITLE_LENGTH).replace(/\s+\S*$/, "")}…`;
}
