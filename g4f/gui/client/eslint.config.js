import boundaries from "eslint-plugin-boundaries";
import svelte from "eslint-plugin-svelte";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

/** Each room and the rooms it may import from: values and the browser below, the page above. */
const ROOMS = {
  wire: [],
  ui: [],
  browser: [],
  i18n: [],
  chat: ["wire"],
  api: ["wire", "browser"],
  state: ["wire", "browser", "i18n", "chat", "api"],
  panels: ["wire", "browser", "i18n", "chat", "api", "state", "ui"],
  app: ["browser", "state", "panels", "ui"],
};

/** Rooms that are files and no folders. */
const FILES = { wire: "src/{wire,schema.d}.ts", app: "src/{main.ts,App.svelte}" };

const room = (name) => (name in FILES ? { file: { categories: name } } : { element: { type: name } });

export default defineConfig(
  { ignores: ["dist", "src/schema.d.ts"] },
  tseslint.configs.strictTypeChecked,
  svelte.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: [".svelte"] } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
    rules: {
      "svelte/no-at-html-tags": "error",
      "svelte/require-each-key": "error",
      // What a component takes is known to svelte-check and not to ESLint, for which it is any.
      "@typescript-eslint/no-unsafe-argument": "off",
    },
  },
  {
    files: ["src/**"],
    plugins: { boundaries },
    settings: {
      "import/resolver": { node: { extensions: [".ts", ".svelte.ts", ".d.ts", ".svelte", ".json"] } },
      "boundaries/files": Object.entries(FILES).map(([category, pattern]) => ({ category, pattern })),
      "boundaries/elements": Object.keys(ROOMS)
        .filter((name) => !(name in FILES))
        .map((name) => ({ type: name, pattern: `src/${name}` })),
    },
    rules: {
      "boundaries/no-unknown-files": "error",
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          policies: Object.entries(ROOMS).map(([from, to]) => ({
            from: room(from),
            allow: [from, ...to].map((type) => ({ to: room(type) })),
          })),
        },
      ],
    },
  },
  { files: ["*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
