import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  // The state is tested as the browser runs it, not as a server would render it.
  resolve: { conditions: ["browser"] },
  test: { include: ["src/**/*.test.ts", "*.test.ts"], environment: "node" },
});
