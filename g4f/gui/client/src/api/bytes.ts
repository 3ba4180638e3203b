/** Sending bytes with word of how many have gone, which `fetch` does not give. */
import { checked } from "./http";

export interface Watching {
  /** Aborted to break off. */
  readonly signal: AbortSignal;
  /** Hears how many bytes have left this browser; the server may not have them yet. */
  readonly sent: (bytes: number) => void;
}

/** Patch `path` with bytes and return the response, whose body is read. */
export function sendBytes(
  path: string,
  headers: Readonly<Record<string, string>>,
  bytes: Blob,
  { signal, sent }: Watching,
): Promise<Response> {
  const request = new XMLHttpRequest();
  const answered = new Promise<Response>((resolve, reject) => {
    request.onload = () => resolve(responseOf(request));
    request.onerror = request.onabort = () => reject(new Error("The connection was lost."));
  });
  request.upload.onprogress = ({ loaded }) => sent(loaded);
  request.open("PATCH", path);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  signal.addEventListener("abort", () => request.abort(), { once: true });
  request.send(bytes);
  if (signal.aborted) request.abort();
  return checked(answered);
}

function responseOf(request: XMLHttpRequest): Response {
  const { status, statusText, responseText } = request;
  const lines = request
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/);
  const headers = lines
    .filter((line) => line.includes(":"))
    .map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
  return new Response(responseText || null, { status, statusText, headers });
}
