/** What the page says about itself: theme and language on the root element, and the cookies the server reads them from. */

import { addressOf } from "./address";

const YEAR = 31_536_000;

/** Show a theme now, and let the server write it into the page next time, before anything is painted. */
export function applyTheme(theme: "auto" | "light" | "dark"): void {
  document.documentElement.dataset.theme = theme;
  setCookie("theme", theme === "auto" ? "" : theme);
}

/** Name the language of the page; `chosen` is empty when the browser's own preference decides. */
export function applyLanguage(locale: string, chosen: string): void {
  document.documentElement.lang = locale;
  setCookie("lang", chosen);
}

function setCookie(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=${addressOf("/")}; max-age=${value === "" ? 0 : YEAR}; samesite=lax`;
}
