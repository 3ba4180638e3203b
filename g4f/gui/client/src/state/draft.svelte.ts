import { readText, type Reading } from "../browser/files";
import type { Attachment } from "../chat/files";

/** The message that is being written. */
export class Draft {
  text = $state("");
  files = $state.raw<readonly Reading[]>([]);

  /** Read files into the message; a file of the same name replaces the one before. */
  async attach(files: readonly File[]): Promise<void> {
    const readings = await Promise.all(files.map(readText));
    const names = readings.map(({ name }) => name);
    this.files = [...this.files.filter(({ name }) => !names.includes(name)), ...readings];
  }

  detach(name: string): void {
    this.files = this.files.filter((file) => file.name !== name);
  }

  /** Return the message and start an empty one; files that could not be read are left out. */
  take(): { text: string; files: readonly Attachment[] } {
    const ready = this.files.filter((file) => file.state === "ready");
    const taken = { text: this.text.trim(), files: ready.map(({ name, size, text }) => ({ name, size, text })) };
    this.text = "";
    this.files = [];
    return taken;
  }
}
