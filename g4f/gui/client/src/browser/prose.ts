/** The text of an element as it is read aloud: block by block, with the way back from its characters to the page. */

const BLOCKS = "p, h1, h2, h3, h4, h5, h6, li, tr, figure";
const SILENT = "button, figcaption";

/** A paragraph, an item, a row of a table or a block of code. */
export class Prose {
  text = "";
  readonly #pieces: { readonly node: Text; readonly start: number }[] = [];

  constructor(readonly owner: Element) {}

  get isCode(): boolean {
    return this.owner.tagName === "FIGURE";
  }

  /** Add a text, every blank in it as a space: a new line is no end of a sentence. */
  add(node: Text, separator: string): void {
    if (this.text !== "") this.text += separator;
    this.#pieces.push({ node, start: this.text.length });
    this.text += node.data.replace(/\s/g, " ");
  }

  /** Return the place of a stretch of the text. */
  range(start: number, end: number): StaticRange {
    const [first, last] = [this.#place(start), this.#place(end - 1)];
    return new StaticRange({
      startContainer: first.node,
      startOffset: first.offset,
      endContainer: last.node,
      endOffset: last.offset + 1,
    });
  }

  #place(at: number): { readonly node: Text; readonly offset: number } {
    const piece = this.#pieces.findLast(({ start }) => start <= at);
    if (piece === undefined) throw new RangeError(`There is no character ${at}.`);
    return { node: piece.node, offset: Math.min(at - piece.start, piece.node.data.length - 1) };
  }
}

/** Return the blocks of an element that hold any text, in their order. */
export function proseOf(root: Element): readonly Prose[] {
  const found: Prose[] = [];
  let separator = "";
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, heard);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (!(node instanceof Text)) {
      separator = separatorOf(node.nodeName) || separator;
      continue;
    }
    const owner = node.parentElement?.closest(BLOCKS) ?? root;
    if (found.at(-1)?.owner !== owner) found.push(new Prose(owner));
    found.at(-1)?.add(node, separator);
    separator = "";
  }
  return found.filter(({ text }) => text.trim() !== "");
}

function heard(node: Node): number {
  return node instanceof Element && node.matches(SILENT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
}

/** Return what is heard where an element begins. */
function separatorOf(name: string): string {
  return { BR: "\n", TD: ", ", TH: ", " }[name] ?? "";
}
