import { expect, test } from "vitest";

import type { FileInfo } from "../../wire";
import { type Coming, phaseOf, progressOf } from "./progress";

const NUMBERS = {
  fileSize: (bytes: number): string => `${bytes} B`,
  percent: (part: number, whole: number): string => `${(100 * part) / whole} %`,
};

const coming = (fields: Partial<Coming> = {}): Coming => {
  return { url: null, file: { size: 200 }, sent: 84, lost: false, info: null, failure: null, ...fields };
};

const info = (fields: Partial<FileInfo>): FileInfo => {
  const known = {
    id: "f",
    bucket: "b",
    name: "a.pdf",
    media_type: "application/pdf",
    size: 200,
    digest: "",
    created_at: 1,
  };
  return { ...known, state: "ready", reason: null, page: null, pages: null, width: null, height: null, ...fields };
};

test.each([
  [coming(), { key: "file.uploading", values: { percent: "42 %", size: "200 B" } }],
  [coming({ lost: true }), { key: "file.lost" }],
  [coming({ url: "http://a.example/b" }), { key: "file.fetching" }],
  [coming({ failure: { kind: "unreachable", message: "" } }), { key: "unreachable" }],
  [coming({ info: info({ state: "waiting" }) }), { key: "file.waiting", values: { size: "200 B" } }],
  [coming({ info: info({ state: "reading" }) }), { key: "file.reading" }],
  [
    coming({ info: info({ state: "reading", page: 12, pages: 80 }) }),
    { key: "file.reading.page", values: { page: 12, pages: 80 } },
  ],
  [coming({ info: info({}) }), { key: "file.ready", values: { size: "200 B" } }],
  [
    coming({
      info: info({ state: "unreadable", reason: "It is locked.", reason_code: "encrypted", reason_about: "a" }),
    }),
    { said: { message: "It is locked.", code: "unreadable_file", values: { reason: "encrypted", about: "a" } } },
  ],
  [coming({ info: info({ state: "unreadable" }) }), { key: "file.unreadable" }],
  [coming({ failure: { kind: "refused", message: "No." } }), { said: { kind: "refused", message: "No." } }],
  [coming({ failure: { kind: "vanished", message: "" } }), { key: "file.vanished" }],
])("it is told how far a file is (%#)", (file, told) => {
  expect(progressOf(file, NUMBERS)).toEqual(told);
});

test("a file comes, and is ready or has failed", () => {
  const failure = { kind: "refused", message: "No." } as const;
  const files = [
    coming(),
    coming({ info: info({}) }),
    coming({ info: info({ state: "unreadable" }) }),
    coming({ failure }),
  ];
  expect(files.map(phaseOf)).toEqual(["coming", "ready", "failed", "failed"]);
});
