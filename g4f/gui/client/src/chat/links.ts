/** Addresses of web pages in what a person writes. */

/** Characters of the longest address the server takes. */
const LONGEST = 2048;

/** Return the pages a text names, each once; marks of the sentence around an address are no part of it. */
export function pagesIn(text: string): readonly string[] {
  const found = text.match(/https?:\/\/[^\s<>"'`]+/gi) ?? [];
  const addresses = found.map(unpunctuated).filter((address) => address.length <= LONGEST && URL.canParse(address));
  return [...new Set(addresses)].filter((address) => /[.:]|^localhost$/.test(new URL(address).host));
}

/** Return an address for people to recognise: its host and path. */
export function shortAddress(address: string): string {
  const { host, pathname } = new URL(address);
  return pathname === "/" ? host : host + pathname;
}

function unpunctuated(address: string): string {
  const bare = address.replace(/[.,;:!?…»”]+$/, "");
  return bare.endsWith(")") && !bare.includes("(") ? unpunctuated(bare.slice(0, -1)) : bare;
}
