import fc from "fast-check";
import { expect, test } from "vitest";

import { advance, beginning, isUploadLost, stepOf, type Upload, type UploadHappening } from "./upload";

const after = (size: number, ...happenings: UploadHappening[]): Upload => happenings.reduce(advance, beginning(size));
const begun = (offset = 0): UploadHappening => ({ kind: "begun", id: "u", offset });
const kept = (offset: number): UploadHappening => ({ kind: "kept", offset });
const refused = (status: number, code = "c"): UploadHappening => ({ kind: "refused", status, code, message: "No." });
const lost: UploadHappening = { kind: "lost" };
const woken: UploadHappening = { kind: "woken" };

/** What may befall one step: it works, its answer is lost on the way, or it never reaches the server. */
const fate = fc.constantFrom("works", "answer lost", "lost", "cut", "busy");

/** A server that keeps bytes, as far as a fate lets it. */
class Server {
  readonly bytes: number[] = [];
  begun = 0;

  take(upload: Upload, fate: string, part: number): UploadHappening {
    if (fate === "lost") return lost;
    if (fate === "busy") return refused(503, "");
    const step = stepOf(upload);
    if (step === "begin") this.begun += 1;
    if (step === "send" && upload.offset !== this.bytes.length) return refused(409);
    if (step === "send") this.#keep(upload, fate === "cut" ? Math.floor(part / 2) : part);
    if (fate !== "works") return lost;
    return step === "begin" ? { kind: "begun", id: `u${this.begun}`, offset: 0 } : kept(this.bytes.length);
  }

  #keep({ offset, size }: Upload, part: number): void {
    for (let byte = offset; byte < Math.min(size, offset + part); byte++) this.bytes.push(byte);
  }
}

test("whatever befalls the connections, each byte arrives once and in order", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 50 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fate, { maxLength: 60 }),
      (size, part, fates) => {
        const server = new Server();
        const calm = Array<string>(60).fill("works");
        let upload = beginning(size);
        for (const fate of [...fates, ...calm]) {
          if (upload.phase === "over") break;
          upload = [server.take(upload, fate, part), woken].reduce(advance, upload);
        }
        expect(upload).toMatchObject({ phase: "over", failure: null, offset: size });
        expect(server.bytes).toEqual(Array.from({ length: size }, (_, byte) => byte));
      },
    ),
  );
});

test("what the server has is asked for after a connection was lost, and only then", () => {
  const sending = after(9, begun(), kept(4));
  expect([stepOf(beginning(9)), stepOf(sending), stepOf(after(9, begun(), kept(4), lost, woken))]).toEqual([
    "begin",
    "send",
    "ask",
  ]);
});

test("an empty file is there at once", () => {
  expect(after(0, begun())).toMatchObject({ phase: "over", id: "u", failure: null });
});

test("a connection that is lost is told of until one is back", () => {
  const waiting = after(9, begun(), lost);
  expect([isUploadLost(waiting), isUploadLost(advance(waiting, woken)), waiting.tries]).toEqual([true, true, 1]);
  expect(isUploadLost([woken, kept(3)].reduce(advance, waiting))).toBe(false);
});

test.each([400, 413, 415, 422, 501, 507])("a refusal with %i is final, in the server's words", (status) => {
  const failure = { kind: "refused", message: "No." };
  expect(after(9, begun(), refused(status))).toMatchObject({ phase: "over", failure });
});

test.each([408, 409, 423, 429, 500, 502, 503])("a refusal with %i passes", (status) => {
  expect(after(9, begun(), refused(status))).toMatchObject({ phase: "waiting", failure: null, sure: false });
});

test("a server of ours that cannot take the file on says so at once, another one in between may be gone soon", () => {
  expect(after(9, refused(503)).phase).toBe("over");
  expect(after(9, refused(502, "")).phase).toBe("waiting");
});

test("an upload the server has forgotten begins anew, once", () => {
  const anew = after(9, begun(), kept(4), lost, woken, refused(404));
  expect(anew).toMatchObject({ phase: "waiting", id: "", offset: 0 });
  expect([woken, begun(), refused(404)].reduce(advance, anew)).toMatchObject({ phase: "over" });
});

test("a file that is gone from the device ends the upload", () => {
  expect(after(9, begun(), { kind: "vanished" })).toMatchObject({ phase: "over", failure: { kind: "vanished" } });
});

test("nothing happens to an upload that is over", () => {
  const over = after(0, begun());
  expect(advance(over, woken)).toBe(over);
});
