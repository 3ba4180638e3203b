/** What the text of an answer may cite; known to every part of the text by context. */
import { createContext } from "svelte";

import type { Translate } from "../../i18n";
import type { Source } from "../../wire";

export interface Citing {
  readonly sources: readonly Source[];
}

export const [useCiting, provideCiting] = createContext<Citing>();

/** Return how a source is named for people: its title, and the page where it has pages. */
export function nameOf({ title, page }: Source, t: Translate): string {
  return page ? t("source.place", { title, place: t("source.page", { page: String(page) }) }) : title;
}
