/** The one door to the network: same origin only; a refusal is an `ApiError`, everything else a `ConnectionLost`. */
import { type Said, sentenceOf } from "../wire";

/** A request the server refused, in the server's own words. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly requestId: string,
    readonly values: NonNullable<Said["values"]> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The server was not reached, or the connection to it broke or was ended. */
export class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : "", { cause });
    this.name = "ConnectionLost";
  }
}

/** A request that failed. */
export type Trouble = ApiError | ConnectionLost;

/** Return whether a request failed, and not this program. */
export function isTrouble(error: unknown): error is Trouble {
  return error instanceof ApiError || error instanceof ConnectionLost;
}

/** Wait for the network. */
export async function network<Value>(pending: Promise<Value>): Promise<Value> {
  try {
    return await pending;
  } catch (error) {
    // Browsers differ in what they raise, and none of it comes from elsewhere.
    throw new ConnectionLost(error);
  }
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Fetch `path` and return its JSON body. */
export async function get<Body>(path: string, headers: Record<string, string> = {}): Promise<Body> {
  const response = await read(path, { headers: { accept: "application/json", ...headers } });
  return (await network(response.json())) as Body;
}

/** Fetch `path` and return the response as soon as its headers are there. */
export function read(path: string, options: RequestInit): Promise<Response> {
  return checked(fetch(path, options));
}

/** Send JSON to `path` and return the response as soon as its headers are there. */
export function send(method: Method, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return read(path, { method, headers, body: JSON.stringify(body), ...(signal && { signal }) });
}

/** Wait for a response and return it, unless it is a refusal. */
export async function checked(pending: Promise<Response>): Promise<Response> {
  const response = await network(pending);
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
  const values = field(error, "values");
  const { status } = response;
  return new ApiError(message, status, text("code"), text("request_id"), isObject(values) ? values : {});
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
