/** The server takes files of a message that is not sent for forgotten in time; who sends one late has them kept first. */
import { restoreFile } from "../api/backend";
import type { FileInfo } from "../wire";

/** Milliseconds after which a file is kept: far less than the server waits. The clocks of the two may differ. */
const LATE = 30 * 60_000;

/** Have files kept that came long ago. */
export async function keepFiles(files: readonly FileInfo[]): Promise<void> {
  const late = files.filter(({ created_at }) => Math.abs(Date.now() - created_at) > LATE);
  await Promise.all(late.map(({ id }) => restoreFile(id)));
}
