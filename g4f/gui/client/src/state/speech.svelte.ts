import { getEngines } from "../api/speech";
import { isTrouble } from "../api/http";
import { canSpeak } from "../browser/sound";
import { read, write } from "../browser/storage";
import type { EngineInfo } from "../wire";

/** The browser's own voice, as the name of an engine. */
export const BROWSER = "browser";
export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const;

/** What a person prefers; what is empty is chosen by the server. */
interface Preferred {
  readonly engine: string;
  readonly voice: string;
  readonly speed: number;
  /** The browser's own recogniser writes down what is said, wherever it sends it. */
  readonly recogniser: boolean;
}

/** Who can read aloud and write down, and whom the person prefers. */
export class Speech {
  /** The usual one first. */
  engines = $state.raw<readonly EngineInfo[]>([]);
  transcribers = $state.raw<readonly string[]>([]);
  preferred = $state.raw<Preferred>({ engine: "", voice: "", speed: 1, recogniser: false, ...read("speech", {}) });

  /** Return the engine that reads: the preferred one where it is still there. */
  get engine(): string {
    const { engine } = this.preferred;
    const known = engine === BROWSER ? canSpeak() : this.find(engine) !== undefined;
    return known ? engine : (this.engines[0]?.name ?? BROWSER);
  }

  async load(): Promise<void> {
    canSpeak(); // the first question has a browser look for its voices
    try {
      ({ engines: this.engines, transcribers: this.transcribers } = await getEngines());
    } catch (error) {
      if (!isTrouble(error)) throw error;
    }
  }

  find(name: string): EngineInfo | undefined {
    return this.engines.find((engine) => engine.name === name);
  }

  /** Return who else can read, the browser's own voice last. */
  others(engine: string): readonly string[] {
    const names = this.engines.map(({ name }) => name);
    return [...names, ...(canSpeak() ? [BROWSER] : [])].filter((name) => name !== engine);
  }

  prefer(some: Partial<Preferred>): void {
    this.preferred = { ...this.preferred, ...some };
    write("speech", this.preferred);
  }
}
