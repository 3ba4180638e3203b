import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

import { budget, precompress } from "./bundle.ts";

const server = "http://127.0.0.1:8080";

export default defineConfig(({ command }) => ({
  // Addresses such as /chat/<id> must work in the development server too, hence two bases.
  base: command === "build" ? "/dist/" : "/",
  // Scripts and styles find one another under any prefix; the server puts it into the addresses in index.html.
  experimental: { renderBuiltUrl: (_, { hostType }) => (hostType === "html" ? undefined : { relative: true }) },
  plugins: [svelte(), budget(80), precompress()],
  build: {
    target: ["chrome123", "firefox125", "safari18"],
    // The content security policy allows neither inline scripts nor fonts and styles from data URIs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: {
      "/backend-api": server,
      "/v1": server,
      "/media": server,
      "/images": server,
      "/files": server,
      "/thumbnail": server,
    },
  },
}));
