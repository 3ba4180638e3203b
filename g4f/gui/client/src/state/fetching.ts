/** Having the server fetch a page of the web. */
import { addPage } from "../api/backend";
import { ApiError, isTrouble } from "../api/http";
import type { Upload } from "../chat/upload";

/** Have a page fetched into a bucket and return what came of it. */
export async function fetchPage(
  url: string,
  bucket: string,
  signal: AbortSignal,
): Promise<Pick<Upload, "id" | "failure">> {
  try {
    return { id: (await addPage(bucket, url, signal)).id, failure: null };
  } catch (error) {
    if (!isTrouble(error)) throw error;
    if (!(error instanceof ApiError)) return { id: "", failure: { kind: "unreachable", message: error.message } };
    const { message, code, values } = error;
    return { id: "", failure: { kind: "refused", message, code, values } };
  }
}
