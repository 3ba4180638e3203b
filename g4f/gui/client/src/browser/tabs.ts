/** The tabs of this page in one browser: what one of them changes, the others hear of. */
import { addressOf } from "./address";

export class Tabs {
  readonly #channel = new BroadcastChannel(`g4f${addressOf("/")}`);

  /** Call `heard` with the id of each chat that another tab changed. */
  constructor(heard: (chatId: string) => void) {
    this.#channel.addEventListener("message", ({ data }: MessageEvent<string>) => heard(data));
  }

  /** Tell the other tabs that a chat changed. */
  tell(chatId: string): void {
    this.#channel.postMessage(chatId);
  }
}
