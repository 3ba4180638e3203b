/** Everything the page remembers, made once and handed down by context. */
import { createContext } from "svelte";

import { Catalog } from "./catalog.svelte";
import { Chats } from "./chats.svelte";
import { Connection } from "./connection.svelte";
import { Dictation } from "./dictation.svelte";
import { Draft } from "./draft.svelte";
import { Page } from "./page.svelte";
import { Player } from "./player.svelte";
import { Speech } from "./speech.svelte";
import { Theme } from "./theme.svelte";
import { Web } from "./web.svelte";
import type { Words } from "./words.svelte";

export class App {
  readonly page = new Page();
  readonly draft = new Draft();
  readonly theme = new Theme();
  readonly connection = new Connection();
  readonly catalog = new Catalog(this.connection);
  readonly web = new Web();
  readonly speech = new Speech();
  readonly player = new Player(this.speech);
  readonly dictation = new Dictation(this.speech);
  readonly chats = new Chats(this.catalog, this.connection, this.web, this.draft);

  constructor(readonly words: Words) {}
}

export const [useApp, provideApp] = createContext<App>();
