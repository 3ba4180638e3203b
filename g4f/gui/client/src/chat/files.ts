/** Files inside the text of a question, in the form the server's providers know. */

/** A text file, read in the browser. */
export interface Attachment {
  readonly name: string;
  readonly text: string;
  /** Bytes. */
  readonly size: number;
}

const FILE = /<!-- File: ([^\n]*) -->\n([^]*?)<-- End -->\n*/g;

/** Return what is sent of a question: its files, then its text. */
export function contentOf(text: string, files: readonly Attachment[]): string {
  return [...files.map((file) => `<!-- File: ${file.name} -->\n${file.text}<-- End -->\n`), text].join("\n");
}

/** Tell the files in what was sent from the text. */
export function readContent(content: string): { text: string; files: readonly Attachment[] } {
  const files = Array.from(content.matchAll(FILE), ([, name = "", text = ""]) => {
    return { name, text, size: new TextEncoder().encode(text).length };
  });
  return { text: content.replace(FILE, ""), files };
}
