/** Reading aloud and writing down, on the server. */
import { addressOf } from "../browser/address";
import type { Engines, Transcript, Voice } from "../wire";
import { get, network, read, send } from "./http";

const v2 = (path: string): string => addressOf(`/backend-api/v2/${path}`);

export const getEngines = (): Promise<Engines> => get(v2("speech"));
export const getVoices = (engine: string): Promise<readonly Voice[]> =>
  get(v2(`speech/${encodeURIComponent(engine)}/voices`));

/** Have a text read aloud and return the sound; posted, so that the text is in nobody's log. */
export async function synthesize(engine: string, text: string, voice: string, signal: AbortSignal): Promise<Blob> {
  const response = await send("POST", v2(`synthesize/${encodeURIComponent(engine)}`), { text, voice }, signal);
  return network(response.blob());
}

/** Have a recording written down. */
export async function transcribe(recording: File): Promise<string> {
  const body = new FormData();
  body.append("file", recording);
  const response = await read(v2("transcribe"), { method: "POST", body });
  return ((await network(response.json())) as Transcript).text;
}
