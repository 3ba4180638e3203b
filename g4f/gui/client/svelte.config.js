/** @type {import("@sveltejs/vite-plugin-svelte").SvelteConfig} */
export default {
  compilerOptions: {
    // A component without any rune would otherwise compile in the older mode, where every object counts as changed.
    runes: ({ filename }) => (filename.includes("node_modules") ? undefined : true),
  },
};
