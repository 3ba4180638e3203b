import { getModels, getModelsOf, getProviders } from "../api/backend";
import { read, write } from "../browser/storage";
import { AUTO, type Choice, type ChoiceGroup, CUSTOM, groupChoices } from "../chat/choices";
import type { Provider, ProviderModels } from "../wire";
import type { Connection } from "./connection.svelte";

const OFFLINE = "Offline";
const LOCAL = "Ollama";

/** The providers and models of the server, and which one answers next. */
export class Catalog {
  providers = $state.raw<readonly Provider[]>([]);
  models = $state.raw<ProviderModels>({});
  state = $state<"loading" | "ready" | "failed">("loading");
  choice = $state.raw<Choice>(read("choice", AUTO));

  constructor(private readonly connection: Connection) {}

  /** Providers that can answer at once, besides the one without a model and the person's own endpoint. */
  readonly ready = $derived(
    this.providers.filter(({ name, live }) => live > 0 && ![OFFLINE, LOCAL, CUSTOM].includes(name)),
  );

  /** The model server on this computer, if one was found. */
  readonly local = $derived(this.providers.find(({ name, live }) => name === LOCAL && live > 0));

  /** Fetch the lists; those of before stand until then. */
  async load(): Promise<void> {
    try {
      [this.providers, this.models] = await Promise.all([getProviders(), getModels()]);
      this.state = "ready";
    } catch {
      // Whatever stood in the way, the picker says that there is no list; Auto still works.
      this.state = "failed";
    }
  }

  choose(choice: Choice): void {
    this.choice = choice;
    write("choice", choice);
  }

  /** Choose a provider's default model. */
  async chooseProvider(name: string): Promise<void> {
    const models = await getModelsOf(name).catch(() => []);
    const model = models.find((entry) => entry.default) ?? models[0];
    this.choose({ provider: name, model: model?.id ?? "" });
  }

  label(provider: string): string {
    if (provider === CUSTOM) return this.connection.host || CUSTOM;
    return this.providers.find(({ name }) => name === provider)?.label || provider;
  }

  /** Return what the picker offers for a search text; the person's own endpoint comes first. */
  groups(query: string): readonly ChoiceGroup[] {
    const { host, models } = this.connection;
    const found = models.filter((model) => `${host} ${model}`.toLowerCase().includes(query.trim().toLowerCase()));
    const own = { label: host, locked: false, choices: found.map((model) => ({ provider: CUSTOM, model })) };
    return [...(found.length > 0 ? [own] : []), ...groupChoices(this.providers, this.models, query)];
  }
}
