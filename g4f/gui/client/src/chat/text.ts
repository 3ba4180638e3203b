/** Text of an answer made safe and readable: character references and addresses. */

// prettier-ignore
const NAMED: Readonly<Record<string, string>> = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", shy: "\u00ad", ensp: "\u2002", emsp: "\u2003",
  thinsp: "\u2009", ndash: "–", mdash: "—", hellip: "…", middot: "·", bull: "•", laquo: "«", raquo: "»", lsquo: "‘",
  rsquo: "’", ldquo: "“", rdquo: "”", sect: "§", para: "¶", deg: "°", plusmn: "±", times: "×", divide: "÷", minus: "−",
  ne: "≠", le: "≤", ge: "≥", asymp: "≈", infin: "∞", larr: "←", uarr: "↑", rarr: "→", darr: "↓", rArr: "⇒", copy: "©",
  reg: "®", trade: "™", euro: "€", pound: "£", cent: "¢", frac12: "½", sup2: "²", sup3: "³", micro: "µ", colon: ":",
  Tab: "\t", NewLine: "\n", lpar: "(", rpar: ")", sol: "/",
};

const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]\w*));/gi;

/** Replace character references (`&amp;`, `&#8212;`); marked leaves them in its tokens. Rare names stay as they are. */
export function decodeEntities(text: string): string {
  return text.replace(REFERENCE, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? whole) : whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const LINKS: readonly string[] = ["http:", "https:", "mailto:", "tel:"];

/** Return an address that is safe to follow, or null. */
export function safeLink(href: string, base: string): string | null {
  const url = resolve(href, base);
  return url !== null && LINKS.includes(url.protocol) ? url.href : null;
}

/** Return the address of a picture this origin serves or the answer carries, or null: others would tell who reads. */
export function safeImage(href: string, base: string): string | null {
  const url = resolve(href, base);
  const own =
    url?.origin === new URL(base).origin || /^data:image\/(png|jpeg|gif|webp|avif)[;,]/i.test(url?.href ?? "");
  return url !== null && own ? url.href : null;
}

/** Return the host in an address, which people recognise; an address without one as it is. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

/** Return what a browser makes of an address, or null. References are decoded first: `javascript&colon;` hides one. */
function resolve(href: string, base: string): URL | null {
  const address = decodeEntities(href);
  return URL.canParse(address, base) ? new URL(address, base) : null;
}
