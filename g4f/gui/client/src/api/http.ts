/** The one door to the network: same origin only, and every refusal becomes an `ApiError`. */
import { sentenceOf } from "../wire";

/** A request the server refused, in the server's own words. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly requestId: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** Fetch `path` and return its JSON body. */
export async function get<Body>(path: string, headers: Record<string, string> = {}): Promise<Body> {
  const response = await checked(fetch(path, { headers: { accept: "application/json", ...headers } }));
  return (await response.json()) as Body;
}

/** Send `body` to `path` and return the response as soon as its headers are there. */
export function post(path: string, body: string | FormData, signal: AbortSignal): Promise<Response> {
  const headers: HeadersInit = typeof body === "string" ? { "content-type": "application/json" } : {};
  return checked(fetch(path, { method: "POST", body, headers, signal }));
}

async function checked(pending: Promise<Response>): Promise<Response> {
  const response = await pending;
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = field(body, "error");
  const text = (name: string): string => {
    const value = field(error, name);
    return typeof value === "string" ? value : "";
  };
  const message = sentenceOf(text("message"), text("type")) || `${response.status} ${response.statusText}`.trim();
  return new ApiError(message, response.status, text("code"), text("request_id"));
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
