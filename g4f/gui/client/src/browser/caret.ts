/** Writing where a person writes. */

/** Put words into a text field in place of its selection, a blank between them and what stands around. */
export function insertAtCaret(id: string, words: string): void {
  const field = document.getElementById(id);
  if (!(field instanceof HTMLTextAreaElement)) return;
  const { value, selectionStart: start, selectionEnd: end } = field;
  const before = /\S$/.test(value.slice(0, start)) ? " " : "";
  const after = /^[\p{L}\p{N}]/u.test(value.slice(end)) ? " " : "";
  field.setRangeText(before + words + after, start, end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
