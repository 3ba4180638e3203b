import { applyTheme } from "../browser/document";
import { read, write } from "../browser/storage";

export const THEMES = ["auto", "light", "dark"] as const;
export type ThemeName = (typeof THEMES)[number];

/** Dark, light, or as the system has it. */
export class Theme {
  name = $state<ThemeName>(read("theme", "auto"));

  constructor() {
    applyTheme(this.name);
  }

  choose(name: ThemeName): void {
    this.name = name;
    write("theme", name);
    applyTheme(name);
  }
}
