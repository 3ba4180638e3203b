/** The names of the symbols in icons.svg. */
// prettier-ignore
export const ICONS = [
  "again", "bulb", "chart", "clip", "copy", "cross", "document", "down", "gear", "host", "key", "left", "lock",
  "menu", "microphone", "pause", "pencil", "play", "plus", "right", "search", "sound", "stop", "trash", "up", "web",
] as const;

export type IconName = (typeof ICONS)[number];
