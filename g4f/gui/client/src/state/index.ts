/** Everything the page remembers, made once and handed down by context. */
import { createContext } from "svelte";

import { Catalog } from "./catalog.svelte";
import { Chats } from "./chats.svelte";
import { Connection } from "./connection.svelte";
import { Draft } from "./draft.svelte";
import { Page } from "./page.svelte";
import { Theme } from "./theme.svelte";
import type { Words } from "./words.svelte";

export class App {
  readonly page = new Page();
  readonly draft = new Draft();
  readonly theme = new Theme();
  readonly connection = new Connection();
  readonly catalog = new Catalog(this.connection);
  readonly chats = new Chats(this.catalog, this.connection);

  constructor(readonly words: Words) {}
}

export const [useApp, provideApp] = createContext<App>();
