/** From growing Markdown to blocks, of which only the last few ever change. */
import { lexer, type MarkedToken, type Token } from "marked";

export interface Block {
  readonly token: MarkedToken;
  /** More of this block may still arrive. */
  readonly open: boolean;
}

/** A block may be changed by the one after it (a list by another item), but never by the second one after it. */
const UNSETTLED = 2;

/**
 * Split a text that grows at its end into Markdown blocks.
 *
 * Settled blocks are lexed once and keep their identity; each update lexes only what follows them. The result equals
 * that of lexing the whole text at once, but for links whose reference is defined further down: these are repaired
 * when the text is finished.
 */
export class BlockStream {
  #text = "";
  #settled: readonly Block[] = [];
  #offset = 0;
  #tail: readonly Block[] = [];
  #hasReferences = false;
  #finished = false;

  /** Return the blocks of `source`; one that does not continue the last one, or continues what was finished, starts afresh. */
  update(source: string, finished = false): readonly Block[] {
    const text = source.replace(/\r\n?/g, "\n");
    if (this.#finished || !text.startsWith(this.#text)) this.#restart();
    this.#finished = finished;
    this.#text = text;
    this.#advance(finished);
    return [...this.#settled, ...this.#tail];
  }

  #restart(): void {
    this.#settled = this.#tail = [];
    this.#offset = 0;
    this.#hasReferences = false;
  }

  #advance(finished: boolean): void {
    let tokens = this.#lexTail();
    if (finished && this.#hasReferences && this.#offset > 0) {
      this.#restart();
      tokens = this.#lexTail();
    }
    const count = finished ? tokens.length : settledLength(tokens);
    const settled = tokens.slice(0, count);
    this.#settled = [...this.#settled, ...settled.filter(isBlock).map((token) => ({ token, open: false }))];
    this.#offset += settled.reduce((sum, token) => sum + token.raw.length, 0);
    this.#tail = this.#patched(tokens.slice(count).filter(isBlock));
  }

  #lexTail(): readonly MarkedToken[] {
    const tokens = lexer(this.#text.slice(this.#offset)) as MarkedToken[];
    this.#hasReferences ||= tokens.some((token) => token.type === "def");
    return tokens;
  }

  /** Keep the identity of tail blocks that did not change, so that nothing of them is painted again. */
  #patched(tokens: readonly MarkedToken[]): readonly Block[] {
    return tokens.map((token, index) => {
      const open = index === tokens.length - 1;
      const last = this.#tail[index];
      return last?.token.raw === token.raw && last.token.type === token.type && last.open === open
        ? last
        : { token, open };
    });
  }
}

/** Return the tokens inside one of marked's inline or block tokens. */
export function children(token: { readonly tokens?: Token[] | undefined }): readonly MarkedToken[] {
  return (token.tokens ?? []) as MarkedToken[];
}

function isBlock(token: MarkedToken): boolean {
  return token.type !== "space";
}

function settledLength(tokens: readonly MarkedToken[]): number {
  const blocks = tokens.flatMap((token, index) => (isBlock(token) ? [index] : []));
  return blocks.at(-UNSETTLED) ?? 0;
}
