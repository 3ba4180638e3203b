/** Moving the focus to a place by its id. */

/** The message field, which the whole page leads back to. */
export const COMPOSER = "composer";

export function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

/** Return whether nothing has the focus that could use it. */
export function isFocusLost(): boolean {
  const focused = document.activeElement;
  return focused === null || focused === document.body || focused.closest("[inert]") !== null;
}

/** Lead back to the message field; not on a touch screen, where that would raise the keyboard over the page. */
export function backToComposer(): void {
  if (matchMedia("(pointer: fine)").matches) focusOn(COMPOSER);
}
