/** The headings of an answer as an outline without gaps, whatever depths it was written with. */
import type { MarkedToken } from "marked";

/** Return the level of each heading, from 1, and 0 for other blocks. No level depends on what follows it. */
export function outline(tokens: readonly MarkedToken[]): readonly number[] {
  const above: number[] = [];
  return tokens.map((token) => {
    if (token.type !== "heading") return 0;
    while ((above.at(-1) ?? 0) >= token.depth) above.pop();
    return above.push(token.depth);
  });
}
