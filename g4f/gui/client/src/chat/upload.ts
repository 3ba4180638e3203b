/** Uploading a file over connections that break: what to ask for next, when to try again, when it is over. */
import type { Said } from "../wire";

export interface Upload {
  /** Bytes of the file. */
  readonly size: number;
  /** The server's name for it, and for the file that it becomes; empty until the server has taken it on. */
  readonly id: string;
  /** Bytes the server has. */
  readonly offset: number;
  /** No connection was lost since the server said how many it has. */
  readonly sure: boolean;
  readonly phase: "connecting" | "waiting" | "over";
  /** Connections that were lost one after another. */
  readonly tries: number;
  /** The server forgot the upload, and it began anew. */
  readonly forgotten: boolean;
  readonly failure: UploadFailure | null;
}

export interface UploadFailure extends Said {
  /** `vanished`: the file can no longer be read on this device; `unreachable`: the server is not there. */
  readonly kind: "refused" | "vanished" | "unreachable";
}

/** What happens to a connection, or to the person waiting. */
export type UploadHappening =
  | { readonly kind: "begun"; readonly id: string; readonly offset: number }
  | { readonly kind: "kept"; readonly offset: number }
  | { readonly kind: "lost" }
  | { readonly kind: "vanished" }
  | (Said & { readonly kind: "refused"; readonly status: number; readonly code: string })
  | { readonly kind: "woken" };

/** What is asked of the server: to take the file on, how much of it is there, to take the next part. */
export type Step = "begin" | "ask" | "send";

export function beginning(size: number): Upload {
  return { size, id: "", offset: 0, sure: true, phase: "connecting", tries: 0, forgotten: false, failure: null };
}

/** Return what to ask next. */
export function stepOf({ id, sure }: Upload): Step {
  if (id === "") return "begin";
  return sure ? "send" : "ask";
}

/** Return how the upload goes on. */
export function advance(upload: Upload, happening: UploadHappening): Upload {
  if (upload.phase === "over") return upload;
  switch (happening.kind) {
    case "begun":
      return kept({ ...upload, id: happening.id }, happening.offset);
    case "kept":
      return kept(upload, happening.offset);
    case "lost":
      return waiting(upload);
    case "vanished":
      return failed(upload, { kind: "vanished", message: "" });
    case "refused":
      return refused(upload, happening);
    case "woken":
      return { ...upload, phase: "connecting" };
  }
}

/** Return whether the person should know that there is no connection. */
export function isUploadLost({ phase, tries }: Upload): boolean {
  return tries > 0 && phase !== "over";
}

function kept(upload: Upload, offset: number): Upload {
  return { ...upload, offset, sure: true, tries: 0, phase: offset >= upload.size ? "over" : "connecting" };
}

/** Too slow, out of step with an earlier connection, asked too often. */
const PASSING: readonly number[] = [408, 409, 423, 429];
/** Not offered, no room. */
const LASTING: readonly number[] = [501, 507];
const GONE: readonly number[] = [404, 410];

function refused(upload: Upload, happening: UploadHappening & { readonly kind: "refused" }): Upload {
  const { status, code, message, values = {} } = happening;
  const begun = upload.id !== "";
  if (GONE.includes(status) && begun && !upload.forgotten) {
    return waiting({ ...upload, id: "", offset: 0, forgotten: true });
  }
  // Without a code of ours another server stands in between, and ours behind it may be starting.
  const troubled = status >= 500 && !LASTING.includes(status) && (begun || code === "");
  return troubled || PASSING.includes(status)
    ? waiting(upload)
    : failed(upload, { kind: "refused", message, code, values });
}

function failed(upload: Upload, failure: UploadFailure): Upload {
  return { ...upload, phase: "over", failure };
}

function waiting(upload: Upload): Upload {
  return { ...upload, sure: false, phase: "waiting", tries: upload.tries + 1 };
}
