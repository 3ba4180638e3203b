/** Copying text. */

/** Put `text` on the clipboard; over plain HTTP on a network there is no clipboard API, so a selection stands in. False when the browser refuses. */
export async function copy(text: string): Promise<boolean> {
  if (window.isSecureContext)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
