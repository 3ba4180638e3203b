/** The microphone: what is said becomes a file, or text where the browser has a recogniser of its own. */

/** The person or the browser does not let this page listen. */
export class NotAllowed extends Error {}

/** What a recording is called, by the media types browsers record in. */
const NAMES: Readonly<Record<string, string>> = { "audio/mp4": "speech.mp4", "audio/ogg": "speech.ogg" };

/** Return whether a page of this address may use the microphone at all. */
export function canRecord(): boolean {
  return window.isSecureContext && "mediaDevices" in navigator;
}

/** Record until `stop` is aborted; raises NotAllowed. */
export async function record(stop: AbortSignal): Promise<File> {
  const stream = await microphone();
  const recorder = new MediaRecorder(stream);
  const blocks: Blob[] = [];
  recorder.ondataavailable = ({ data }) => blocks.push(data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  stop.addEventListener("abort", () => recorder.stop());
  if (stop.aborted) recorder.stop();
  await stopped;
  for (const track of stream.getTracks()) track.stop();
  const type = recorder.mimeType.split(";", 1)[0] ?? "";
  return new File(blocks, NAMES[type] ?? "speech.webm", { type });
}

async function microphone(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    // Refused, forbidden by a policy, or not there: for the person it is the same.
    throw new NotAllowed();
  }
}

/** The part of the browser's recogniser that is used; TypeScript does not know it. https://webaudio.github.io/web-speech-api/ */
interface Recogniser extends EventTarget {
  lang: string;
  continuous: boolean;
  start(): void;
  stop(): void;
}

interface Recognised extends Event {
  readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }>>;
}

const recogniserOf = (): (new () => Recogniser) | undefined =>
  (Reflect.get(window, "SpeechRecognition") ?? Reflect.get(window, "webkitSpeechRecognition")) as
    (new () => Recogniser) | undefined;

/** Return whether the browser can write down speech itself, which may send it to the browser's maker. */
export function canRecognise(): boolean {
  return recogniserOf() !== undefined;
}

/** Have the browser write down what is said until `stop` is aborted; raises NotAllowed. */
export function recognise(language: string, stop: AbortSignal): Promise<string> {
  const Recogniser = recogniserOf();
  if (Recogniser === undefined) return Promise.reject(new NotAllowed());
  const recogniser = new Recogniser();
  recogniser.lang = language;
  recogniser.continuous = true;
  let text = "";
  return new Promise((resolve, reject) => {
    recogniser.addEventListener("result", (event) => {
      const { results } = event as Recognised;
      text = Array.from(results, (result) => result[0]?.transcript ?? "").join(" ");
    });
    recogniser.addEventListener("error", () => text === "" && reject(new NotAllowed()));
    recogniser.addEventListener("end", () => resolve(text));
    stop.addEventListener("abort", () => recogniser.stop());
    recogniser.start();
  });
}
