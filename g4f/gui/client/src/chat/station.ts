/** How a provider looks on the rail: always the same hue and letter for the same name. */

const HUES = 8;

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Return the CSS colour of a provider, one of the eight hues in tokens.css; nobody has none. */
export function hue(provider: string): string {
  if (provider === "") return "var(--edge)";
  const codes = Array.from(provider, (character) => character.codePointAt(0) ?? 0);
  const hash = codes.reduce((before, code) => Math.imul(before ^ code, FNV_PRIME), FNV_OFFSET);
  return `var(--hue-${((hash >>> 0) % HUES) + 1})`;
}

/** Return the capital that stands in a provider's node. */
export function letter(name: string): string {
  return (/[\p{L}\p{N}]/u.exec(name)?.[0] ?? "").toLocaleUpperCase();
}
