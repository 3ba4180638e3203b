/** Whether somebody looks at this tab, and whether it has a network. */

/** Return whether the tab is seen. */
export function isSeen(): boolean {
  return document.visibilityState === "visible";
}

/** Call `seen` whenever the tab comes into sight, until `signal` is aborted. */
export function onSeen(seen: () => void, signal?: AbortSignal): void {
  const options = signal ? { signal } : {};
  document.addEventListener("visibilitychange", () => isSeen() && seen(), options);
}

/** Call `hidden` whenever nobody sees the tab any more. */
export function onHidden(hidden: () => void, signal: AbortSignal): void {
  document.addEventListener("visibilitychange", () => isSeen() || hidden(), { signal });
}

/** Call `changed` with whether there is a network, whenever that changes, until `signal` is aborted. */
export function onNetwork(changed: (online: boolean) => void, signal?: AbortSignal): void {
  const options = signal ? { signal } : {};
  window.addEventListener("online", () => changed(true), options);
  window.addEventListener("offline", () => changed(false), options);
}

/** Wait for `milliseconds`, or less when the network comes back or somebody looks. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const wake = (): void => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = milliseconds === Infinity ? undefined : setTimeout(wake, milliseconds);
    onSeen(wake, over.signal);
    onNetwork((online) => online && wake(), over.signal);
    signal.addEventListener("abort", wake, { signal: over.signal });
    if (signal.aborted) wake();
  });
}
