import { type Endpoint, getModelsAt } from "../api/backend";
import { isTrouble, type Trouble } from "../api/http";
import { read, remove, write } from "../browser/storage";
import { hostOf } from "../chat/text";

interface Kept extends Endpoint {
  readonly models: readonly string[];
}

const NONE: Kept = { baseUrl: "", apiKey: "", models: [] };

/** How the last test of an endpoint ended. */
export type Test =
  { readonly state: "idle" | "running" | "answered" } | { readonly state: "failed"; readonly error: Trouble };

/** The OpenAI-compatible server a person connected themselves; kept in this browser. */
export class Connection {
  #kept = $state.raw<Kept>(read("connection", NONE));
  test = $state.raw<Test>({ state: "idle" });

  get endpoint(): Endpoint | null {
    return this.#kept.baseUrl === "" ? null : this.#kept;
  }

  get models(): readonly string[] {
    return this.#kept.models;
  }

  /** Return the host of the endpoint for people to recognise. */
  get host(): string {
    return hostOf(this.#kept.baseUrl);
  }

  /** Ask an endpoint for its models and keep it if it answers. */
  async connect(endpoint: Endpoint): Promise<void> {
    this.test = { state: "running" };
    try {
      const ids = (await getModelsAt(endpoint)).map(({ id }) => id);
      this.#keep({ ...endpoint, models: ids.filter((id, index) => ids.indexOf(id) === index) });
      this.test = { state: "answered" };
    } catch (error) {
      if (!isTrouble(error)) throw error;
      this.test = { state: "failed", error };
    }
  }

  /** Keep a model the server serves and does not list. */
  addModel(model: string): void {
    if (!this.models.includes(model)) this.#keep({ ...this.#kept, models: [model, ...this.models] });
  }

  forget(): void {
    this.#kept = NONE;
    this.test = { state: "idle" };
    remove("connection");
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    write("connection", kept);
  }
}
