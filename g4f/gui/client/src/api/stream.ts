/** A streamed answer, from bytes to numbered chunks. */
import type { Chunk, Event } from "../wire";
import { network } from "./http";

/**
 * Yield the events of a body, those of one network read together; none of them is a sign of life.
 *
 * An event is `id:`, `event:` and one `data:` line, whose JSON names its type again. A last event without its newline is
 * a cut connection and is dropped: asking for what comes after the last number brings it again.
 */
export async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<readonly Event[]> {
  // A reader and not `for await`: Safari 18 cannot iterate over a stream.
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let number = 0;
  for (let read = await network(reader.read()); !read.done; read = await network(reader.read())) {
    const lines = (rest + decoder.decode(read.value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    const events: Event[] = [];
    for (const line of lines) {
      if (line.startsWith("id:")) number = Number(line.slice("id:".length));
      if (!line.startsWith("data:")) continue;
      events.push({ number, chunk: JSON.parse(line.slice("data:".length)) as Chunk });
      number = 0;
    }
    yield events;
  }
}
