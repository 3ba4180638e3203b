/** What a question can be sent to, in the order the picker shows it. */
import type { Provider, ProviderModels } from "../wire";

/** An empty provider means that the server chooses; an empty model means the provider's default. */
export interface Choice {
  readonly provider: string;
  readonly model: string;
}

export interface ChoiceGroup {
  readonly label: string;
  /** The provider wants a key that nobody gave yet. */
  readonly locked: boolean;
  readonly choices: readonly Choice[];
}

export const AUTO: Choice = { provider: "", model: "" };

/** The provider that answers from any OpenAI-compatible address the request names. */
export const CUSTOM = "Custom";

export function sameChoice(one: Choice, other: Choice): boolean {
  return one.provider === other.provider && one.model === other.model;
}

/** Group the models whose name or provider contains `query`. Providers that need a key come last and lead to it; others that cannot answer now are left out. */
export function groupChoices(
  providers: readonly Provider[],
  models: ProviderModels,
  query: string,
): readonly ChoiceGroup[] {
  const groups = providers
    .filter(({ name, live, auth }) => name !== CUSTOM && (live > 0 || auth))
    .map((provider) => groupOf(provider, models[provider.name] ?? [], query.trim().toLowerCase()))
    .filter((group) => group.choices.length > 0);
  return groups.toSorted((one, other) => Number(one.locked) - Number(other.locked));
}

function groupOf({ name, label, auth, live }: Provider, models: readonly string[], query: string): ChoiceGroup {
  const locked = auth && live === 0;
  const known = locked || models.length === 0 ? [""] : models;
  const found = known.filter((model) => model.toLowerCase().includes(query));
  const wanted = `${name} ${label}`.toLowerCase().includes(query);
  const shown = found.length === 0 && wanted ? known : found;
  return { label: label || name, locked, choices: shown.map((model) => ({ provider: name, model })) };
}
