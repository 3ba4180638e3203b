/** Resumable uploads, tus 1.0.0: https://tus.io/protocols/resumable-upload */
import { addressOf } from "../browser/address";
import { sendBytes, type Watching } from "./bytes";
import { read } from "./http";

/** An upload the server has taken on. */
export interface Begun {
  readonly id: string;
  /** Bytes the server has. */
  readonly offset: number;
}

/** Bytes that are sent together. */
export const PART = 8 * 1024 * 1024;

const TUS = { "tus-resumable": "1.0.0" };

/** Begin to upload a file into a bucket. */
export async function beginUpload(file: File, bucket: string, signal: AbortSignal): Promise<Begun> {
  const metadata = { filename: file.name, filetype: file.type, bucket_id: bucket };
  const pairs = Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`.trim());
  const headers = { ...TUS, "upload-length": String(file.size), "upload-metadata": pairs.join(",") };
  const response = await read(upload(), { method: "POST", headers, signal });
  const id = response.headers.get("location")?.split("/").at(-1) ?? "";
  return { id, offset: offsetOf(response) };
}

/** Ask how many bytes of an upload the server has. */
export async function askUpload(id: string, signal: AbortSignal): Promise<number> {
  return offsetOf(await read(upload(id), { method: "HEAD", headers: TUS, signal, cache: "no-store" }));
}

/** Send the next part of a file and return how many bytes the server has now. */
export async function sendPart(id: string, file: File, offset: number, watching: Watching): Promise<number> {
  const headers = { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) };
  return offsetOf(await sendBytes(upload(id), headers, file.slice(offset, offset + PART), watching));
}

/** Give an upload up that is no file yet. */
export async function cancelUpload(id: string): Promise<void> {
  await read(upload(id), { method: "DELETE", headers: TUS });
}

const upload = (id = ""): string => addressOf(`/backend-api/v2/uploads${id && `/${id}`}`);

function offsetOf({ headers }: Response): number {
  return Number(headers.get("upload-offset") ?? 0);
}

/** Metadata is base64 of UTF-8. */
function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
