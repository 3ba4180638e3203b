/** Painting at a pace the machine can keep, apart from the loop that reads the stream. */

const SHORTEST = 32;
const LONGEST = 120;

/**
 * Call `paint` soon after each request, one call for all requests in between.
 *
 * The pause grows with the cost of the last paint (twice its milliseconds), so that a slow machine stays responsive.
 * Timers and not frames: a hidden tab has no frames, and its text must arrive all the same.
 */
export class Pace {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cost = 0;

  constructor(private readonly paint: () => void) {}

  request(): void {
    const pause = Math.min(LONGEST, Math.max(SHORTEST, 2 * this.#cost));
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, pause);
  }

  /** Paint now; nothing stays pending. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const before = performance.now();
    this.paint();
    this.#cost = performance.now() - before;
  }
}
