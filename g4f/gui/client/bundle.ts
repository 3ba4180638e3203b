/** What happens to the bundle besides Vite's own work: it is compressed once, here, and its size is bounded. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import type { Plugin, Rolldown } from "vite";

const TEXT = /\.(css|js|json|svg|webmanifest)$/;

/**
 * Write a `.br` and a `.gz` file beside each text asset, so that the server never compresses.
 *
 * Reads what was written, not the bundle in memory, which other plugins still change.
 */
export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    async writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle).filter((fileName) => TEXT.test(fileName))) {
        const source = await readFile(join(dir, name));
        await writeFile(join(dir, `${name}.br`), brotli(source));
        await writeFile(join(dir, `${name}.gz`), gzipSync(source, { level: 9 }));
      }
    },
  };
}

/** Fail the build when the scripts of the first load exceed `limit` KB of brotli. */
export function budget(limit: number): Plugin {
  return {
    name: "budget",
    apply: "build",
    async writeBundle({ dir = "" }, bundle) {
      const sources = await Promise.all(firstLoad(bundle).map((name) => readFile(join(dir, name))));
      const size = sources.reduce((sum, source) => sum + brotli(source).byteLength, 0) / 1000;
      if (size > limit)
        this.error(`The first load needs ${size.toFixed(1)} KB of scripts (br), the budget is ${limit} KB.`);
      this.info(`first load: ${size.toFixed(1)} of ${limit} KB of scripts (br)`);
    },
  };
}

/** Return the names of the entry scripts and of all they import at once. */
function firstLoad(bundle: Rolldown.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((item) => item.type === "chunk");
  const names = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  for (const name of names) {
    for (const imported of chunks.find((chunk) => chunk.fileName === name)?.imports ?? []) names.add(imported);
  }
  return [...names];
}

function brotli(source: Buffer): Buffer {
  return brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } });
}
