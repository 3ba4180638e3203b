// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";

import { Script } from "./script";

/** The part of the page's own class that a test needs; happy-dom has none. */
class Place {
  constructor(readonly at: StaticRangeInit) {}
}

beforeEach(() => {
  vi.stubGlobal("StaticRange", Place);
});

const { signal } = new AbortController();

/** Have a script read a text to its end. */
async function readAll(html: string): Promise<string[]> {
  const script = scriptOf(html);
  const said: string[] = [];
  for (let next = await script.current(signal); next !== null; next = await script.current(signal)) {
    said.push(next.text);
    script.advance();
  }
  return said;
}

function show(html: string): void {
  document.body.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
}

function scriptOf(html: string, live = (): boolean => false): Script {
  show(html);
  return new Script({ key: "k", root: () => document.body, live }, "Code.");
}

test.each([
  ["<p>One <strong>two</strong>.\nThree\nfour.</p>", ["One two.", "Three four."]],
  ["<h3>Title</h3><ul><li>One<ul><li>Two</li></ul></li><li><p>Three</p></li></ul>", ["Title", "One", "Two", "Three"]],
  ["<p>See<button>1</button> it.</p>", ["See it."]],
  ["<p>Line<br>other</p>", ["Line", "other"]],
  ["<figure><figcaption>python</figcaption><pre><code>a. b. c.</code></pre></figure><p>End.</p>", ["Code.", "End."]],
  ["<table><tr><th>Name</th><th>Age</th></tr><tr><td>Anna</td><td>7</td></tr></table>", ["Name, Age", "Anna, 7"]],
])("%j is read in sentences", async (html, said) => {
  expect(await readAll(html)).toEqual(said);
});

test("a sentence knows its place in the page", async () => {
  const sentence = await scriptOf("<p>One. <em>Two</em> three.</p>").current(signal);
  const { at } = sentence?.range as unknown as Place;
  expect([at.startContainer.textContent, at.startOffset, at.endOffset]).toEqual(["One. ", 0, 4]);
});

test("of a text that is written, the last sentence waits for its end", async () => {
  let live = true;
  const script = scriptOf("<p>One. Tw</p>", () => live);
  expect((await script.current(signal))?.text).toBe("One.");
  script.advance();
  const next = script.current(signal);
  show("<p>One. Two.</p>");
  live = false;
  expect((await next)?.text).toBe("Two.");
});
