/** Colours for code: the highlighter and each language are fetched when the first such block is near the screen. */
import type { LanguageFn } from "highlight.js";

/** A run of code of one kind; `kind` is a class of highlight.js such as `hljs-keyword`, or empty. */
export interface Span {
  readonly kind: string;
  readonly text: string;
}

type Grammar = () => Promise<{ default: LanguageFn }>;

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  diff: () => import("highlight.js/lib/languages/diff"),
  dockerfile: () => import("highlight.js/lib/languages/dockerfile"),
  go: () => import("highlight.js/lib/languages/go"),
  ini: () => import("highlight.js/lib/languages/ini"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  nginx: () => import("highlight.js/lib/languages/nginx"),
  php: () => import("highlight.js/lib/languages/php"),
  python: () => import("highlight.js/lib/languages/python"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};

// prettier-ignore
const ALIASES: Readonly<Record<string, string>> = {
  sh: "bash", shell: "bash", zsh: "bash", console: "bash", "c++": "cpp", cs: "csharp", docker: "dockerfile", golang: "go",
  toml: "ini", js: "javascript", jsx: "javascript", mjs: "javascript", kt: "kotlin", py: "python", python3: "python",
  rb: "ruby", rs: "rust", ts: "typescript", tsx: "typescript", html: "xml", svg: "xml", svelte: "xml", vue: "xml",
  yml: "yaml",
};

/** Colour `code`; a language that is not known gives it back in one piece. */
export async function highlight(code: string, language: string): Promise<readonly Span[]> {
  const name = Object.hasOwn(ALIASES, language) ? (ALIASES[language] ?? language) : language;
  const grammar = Object.hasOwn(GRAMMARS, name) ? GRAMMARS[name] : undefined;
  if (!grammar) return [{ kind: "", text: code }];
  const { default: definition } = await grammar();
  const { createLowlight } = await import("lowlight");
  return spans(createLowlight({ [name]: definition }).highlight(name, code).children, "");
}

type Nodes = ReturnType<ReturnType<typeof import("lowlight").createLowlight>["highlight"]>["children"];

function spans(nodes: Nodes, kind: string): readonly Span[] {
  return nodes.flatMap((node) => {
    if (node.type === "text") return [{ kind, text: node.value }];
    return node.type === "element" ? spans(node.children, classOf(node.properties.className)) : [];
  });
}

function classOf(names: unknown): string {
  return Array.isArray(names) ? String(names[0] ?? "") : "";
}
