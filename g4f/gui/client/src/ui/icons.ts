/** The names of the symbols in icons.svg. */
// prettier-ignore
export const ICONS = [
  "again", "bulb", "clip", "copy", "cross", "document", "down", "gear", "host", "key", "left", "lock",
  "menu", "pencil", "plus", "right", "search", "stop", "trash", "up", "web",
] as const;

export type IconName = (typeof ICONS)[number];
