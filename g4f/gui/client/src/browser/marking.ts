/** Marking a part of the page that is spoken just now, without touching its elements. */

const NAME = "spoken";

/** Mark a part of the page, and nothing else; a browser without highlights marks nothing. */
export function mark(range: AbstractRange | null): void {
  if (!("Highlight" in globalThis)) return;
  if (range === null) CSS.highlights.delete(NAME);
  else CSS.highlights.set(NAME, new Highlight(range));
}
