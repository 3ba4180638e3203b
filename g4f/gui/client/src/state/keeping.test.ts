// @vitest-environment happy-dom
import { expect, test } from "vitest";

import { serve, visit } from "../../serving.ts";
import type { FileInfo } from "../wire";
import { keepFiles } from "./keeping";

const HOUR = 3_600_000;

test("before a message is sent late, those of its files are kept that came long ago", async () => {
  const asked: string[] = [];
  visit(
    await serve(({ method, url }, response) => {
      asked.push(`${method ?? ""} ${url ?? ""}`);
      response.end("{}");
    }),
  );
  const ages = { fresh: 0, old: 25 * HOUR, ahead: -25 * HOUR };
  const files = Object.entries(ages).map(([id, age]) => ({ id, created_at: Date.now() - age }) as FileInfo);
  await keepFiles(files);
  expect(asked.toSorted()).toEqual(["ahead", "old"].map((id) => `POST /backend-api/v2/file/${id}/restore`));
});
