/** The files of a question: those it names by their ids, and those that older questions have in their text. */
import type { FileInfo } from "../wire";

/** A text file inside the text of a question. */
export interface InlineFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** What is sent of a question. */
export type Content = string | Record<string, unknown>[];

const FILE = /<!-- File: ([^\n]*) -->\n([^]*?)<-- End -->\n*/g;

/** Return what is sent of a question. */
export function contentOf(text: string, files: readonly FileInfo[]): Content {
  if (files.length === 0) return text;
  return [{ type: "text", text }, ...files.map(({ id }) => ({ file_id: id }))];
}

/** Tell the files inside a text from the text. */
export function readContent(content: string): { text: string; inline: readonly InlineFile[] } {
  const inline = Array.from(content.matchAll(FILE), ([, name = "", text = ""]) => {
    return { name, size: new TextEncoder().encode(text).length };
  });
  return { text: content.replace(FILE, ""), inline };
}

/** Return whether the server has done with a file what it does with each. */
export function isRead({ state }: FileInfo): boolean {
  return state === "ready" || state === "unreadable";
}

/** Return whether a file can be shown as a small picture. */
export function isPicture({ media_type }: FileInfo): boolean {
  return media_type.startsWith("image/");
}

/** Return whether a browser shows the file itself; others are saved. */
export function isShown({ media_type }: FileInfo): boolean {
  return /^(image|audio|video)\//.test(media_type);
}
