/** The address bar: which chat the page shows. */

/** Return the id in `/chat/<id>`, or an empty text. */
export function chatInAddress(path: string = location.pathname): string {
  return decodeURIComponent(/^\/chat\/([^/]+)\/?$/.exec(path)?.[1] ?? "");
}

/** Show a chat in the address bar; an empty id is the start page. */
export function showInAddress(id: string): void {
  if (chatInAddress() !== id) history.pushState(null, "", id === "" ? "/chat/" : `/chat/${encodeURIComponent(id)}`);
}
