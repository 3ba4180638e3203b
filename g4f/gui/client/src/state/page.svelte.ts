import type { Source } from "../wire";

/** A dialog, or a source that an answer cites. */
export type Overlay = "settings" | "connect" | "usage" | Source;

interface Toast {
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Milliseconds a toast stays. */
const PLAIN = 2_500;
const WITH_ACTION = 10_000;

/** What lies over the conversation: a dialog, the drawer of a narrow page, a toast. */
export class Page {
  overlay = $state.raw<Overlay | null>(null);
  drawer = $state(false);
  picker = $state(false);
  toast = $state.raw<Toast | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  open(overlay: Overlay): void {
    this.overlay = overlay;
    this.drawer = this.picker = false;
  }

  /** Close what lies on top; false when nothing did. */
  dismiss(): boolean {
    const open = this.overlay !== null || this.picker || this.drawer;
    this.overlay = null;
    this.drawer = this.picker = false;
    return open;
  }

  say(toast: Toast): void {
    clearTimeout(this.#timer);
    this.toast = toast;
    this.#timer = setTimeout(() => (this.toast = null), toast.action ? WITH_ACTION : PLAIN);
  }

  hush(): void {
    clearTimeout(this.#timer);
    this.toast = null;
  }
}
