/** Work that waits until its element is near the screen. */
import type { Attachment } from "svelte/attachments";

/** Call `arrived` once, when the element is within one screen of the visible part. */
export function whenNear(arrived: () => void): Attachment {
  return (element) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        arrived();
      },
      { rootMargin: "100%" },
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  };
}
