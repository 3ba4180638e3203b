/** Moving the focus to a place by its id. */

/** The message field, which the whole page leads back to. */
export const COMPOSER = "composer";

export function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

/** Lead back to the message field; not on a touch screen, where that would raise the keyboard over the page. */
export function backToComposer(): void {
  if (matchMedia("(pointer: fine)").matches) focusOn(COMPOSER);
}
