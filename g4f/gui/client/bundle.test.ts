import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { build, type Plugin } from "vite";
import { expect, onTestFinished, test } from "vitest";

import { budget, precompress } from "./bundle";

/** Build a page whose script and style load another script later, and return the folder of its assets. */
async function buildPage(...plugins: Plugin[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "bundle-"));
  onTestFinished(() => rm(root, { recursive: true }));
  await writeFile(join(root, "index.html"), '<script type="module" src="/main.js"></script>');
  await writeFile(join(root, "main.js"), 'import("./later.js").then(({ word }) => console.log(word));');
  await writeFile(join(root, "later.js"), 'import "./later.css"; export const word = "later";');
  await writeFile(join(root, "later.css"), "body { margin: 0 }");
  await build({ root, configFile: false, logLevel: "silent", plugins });
  return join(root, "dist", "assets");
}

test("compressed assets are the assets", async () => {
  const folder = await buildPage(precompress());
  const assets = (await readdir(folder)).filter((name) => /\.(js|css)$/.test(name));
  expect(assets.length).toBeGreaterThan(2);
  for (const name of assets) {
    const source = await readFile(join(folder, name));
    expect(brotliDecompressSync(await readFile(join(folder, `${name}.br`))), name).toEqual(source);
    expect(gunzipSync(await readFile(join(folder, `${name}.gz`))), name).toEqual(source);
  }
});

test("a first load over its budget fails the build", async () => {
  await expect(buildPage(budget(0))).rejects.toThrow("the budget is 0 KB");
});
