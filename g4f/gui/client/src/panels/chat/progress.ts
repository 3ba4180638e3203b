/** How far an attached file is, in the words of the page. */
import type { UploadFailure } from "../../chat/upload";
import type { Key, Values } from "../../i18n";
import type { FileInfo, Said } from "../../wire";

/** A file that is uploaded, read, ready, or of no use. */
export interface Coming {
  /** The address of a page that the server fetches; null for a file. */
  readonly url: string | null;
  readonly file: { readonly size: number };
  /** Bytes that have gone. */
  readonly sent: number;
  readonly lost: boolean;
  readonly info: FileInfo | null;
  readonly failure: UploadFailure | null;
}

/** Writes numbers in the reader's language. */
export interface Numbers {
  fileSize(bytes: number): string;
  percent(part: number, whole: number): string;
}

export type Phase = "coming" | "ready" | "failed";

/** A sentence of the page, or one of the server's. */
export type Told = { readonly key: Key; readonly values?: Values } | { readonly said: Said };

export function phaseOf({ info, failure }: Coming): Phase {
  if (failure !== null || info?.state === "unreadable") return "failed";
  return info?.state === "ready" ? "ready" : "coming";
}

/** Return what to tell about a file. */
export function progressOf({ url, file, sent, lost, info, failure }: Coming, numbers: Numbers): Told {
  if (failure !== null) return failureOf(failure);
  if (lost) return { key: "file.lost" };
  const size = numbers.fileSize(file.size);
  if (info === null && url !== null) return { key: "file.fetching" };
  if (info === null) return { key: "file.uploading", values: { percent: numbers.percent(sent, file.size), size } };
  switch (info.state) {
    case "waiting":
      return { key: "file.waiting", values: { size } };
    case "reading":
      return readingOf(info);
    case "ready":
      return { key: "file.ready", values: { size } };
    case "unreadable":
      return info.reason === null ? { key: "file.unreadable" } : { said: reasonOf(info.reason, info) };
  }
}

function failureOf(failure: UploadFailure): Told {
  if (failure.kind === "refused") return { said: failure };
  return { key: failure.kind === "vanished" ? "file.vanished" : "unreachable" };
}

function reasonOf(message: string, { reason_code: reason, reason_about: about }: FileInfo): Said {
  return { message, code: "unreadable_file", values: { reason, about } };
}

function readingOf({ page, pages }: FileInfo): Told {
  return page === null || pages === null
    ? { key: "file.reading" }
    : { key: "file.reading.page", values: { page, pages } };
}
