/** A scroll container that follows its growing content while the person is at its end. */
import type { Attachment } from "svelte/attachments";

/** Pixels from the end that still count as the end. */
const NEAR = 40;

/** Told to the container around an element: how far that moved, which the container takes back. */
const KEEP = "keep";

/**
 * Return an attachment for a scroll container; `changed` hears whether the view follows.
 *
 * Only a move upwards is the person's wish to leave: growth of the content moves the end away without any scrolling,
 * so the distance to the end alone would unfollow by mistake in the middle of a fast answer.
 */
export function followEnd(changed: (following: boolean) => void): Attachment<HTMLElement> {
  return (container) => {
    let following = true;
    let last = container.scrollTop;
    const distance = (): number => container.scrollHeight - container.scrollTop - container.clientHeight;
    const follow = (next: boolean): void => {
      if (next !== following) changed(next);
      following = next;
    };
    const onscroll = (): void => {
      if (distance() < NEAR) follow(true);
      else if (container.scrollTop < last) follow(false);
      last = container.scrollTop;
    };
    const observer = new ResizeObserver(() => {
      if (following) toEnd(container);
      else if (distance() < NEAR) follow(true);
    });
    const onkeep = (event: Event): void => {
      if (event instanceof CustomEvent) container.scrollTop += event.detail as number;
      follow(distance() < NEAR);
    };
    container.addEventListener("scroll", onscroll, { passive: true });
    container.addEventListener(KEEP, onkeep);
    for (const element of [container, ...container.children]) observer.observe(element);
    return () => {
      container.removeEventListener("scroll", onscroll);
      container.removeEventListener(KEEP, onkeep);
      observer.disconnect();
    };
  };
}

/** Return what scrolls back to the content that is in sight now, after more of it was put before that. */
export function keepEnd(container: HTMLElement): () => void {
  const below = container.scrollHeight - container.scrollTop;
  return () => (container.scrollTop = container.scrollHeight - below);
}

/** Return how far from the top of the screen the element with an id is. */
export function topOf(id: string): number {
  return document.getElementById(id)?.getBoundingClientRect().top ?? 0;
}

/** Scroll back so far that the element with an id is where it, or another in its place, was before a change. */
export function keepAt(id: string, top: number): void {
  const keep = new CustomEvent(KEEP, { bubbles: true, detail: topOf(id) - top });
  document.getElementById(id)?.dispatchEvent(keep);
}

/** Bring an element into the middle of what scrolls around it, once it is there. */
export const intoView: Attachment = (element) => {
  element.scrollIntoView({ block: "center" });
};

export function toEnd(container: HTMLElement): void {
  container.scrollTop = container.scrollHeight;
}
