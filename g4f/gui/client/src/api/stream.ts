/** A streamed answer, from bytes to chunks. */
import type { Chunk } from "../wire";

/**
 * Yield the chunks of a body, those of one network read together.
 *
 * Reads both framings of the protocol: server-sent events (`event:` and one `data:` line, whose JSON names its type
 * again) and newline-delimited JSON. A last line without its newline is a cut connection and is dropped: the missing
 * `finish` chunk tells.
 */
export async function* readChunks(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<readonly Chunk[]> {
  // A reader and not `for await`: Safari 18 cannot iterate over a stream.
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split("\n");
    rest = lines.pop() ?? "";
    const chunks = lines.flatMap(parseLine);
    if (chunks.length > 0) yield chunks;
  }
}

function parseLine(line: string): Chunk[] {
  const json = line.startsWith("data:") ? line.slice("data:".length) : line;
  return json.trimStart().startsWith("{") ? [JSON.parse(json) as Chunk] : [];
}
