/** Addresses: under which path the platform is served, and which chat the page shows. */

/** Return the address of `path` on this server, which may serve everything under a path such as `/ai`. */
export function addressOf(path: string): string {
  return (document.documentElement.dataset.prefix ?? "") + path;
}

/** Return where a chat is found; an empty id is the start page. */
export function chatAddress(id: string): string {
  return addressOf(`/chat/${encodeURIComponent(id)}`);
}

/** Return the id of the chat in the address bar, or an empty text. */
export function chatInAddress(): string {
  const start = chatAddress("");
  const id = location.pathname.startsWith(start) ? location.pathname.slice(start.length) : "";
  return decode(id.replace(/\/$/, ""));
}

/** Show a chat in the address bar. */
export function showInAddress(id: string): void {
  if (chatInAddress() !== id) history.pushState(null, "", chatAddress(id));
}

/** A person can type anything after the slash, halves of escapes too: such an id names no chat, as it stands. */
function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
