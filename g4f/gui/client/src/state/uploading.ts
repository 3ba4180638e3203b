/** Uploading a file to its end, over as many connections as that takes. */
import { askUpload, beginUpload, cancelUpload, sendPart } from "../api/uploads";
import { ApiError, isTrouble } from "../api/http";
import { wait } from "../browser/attention";
import { isReadable } from "../browser/files";
import { Line } from "../browser/line";
import { pause } from "../chat/follow";
import { advance, beginning, isUploadLost, stepOf, type Upload, type UploadHappening } from "../chat/upload";

export interface Sender {
  /** Aborted to give the upload up. */
  readonly signal: AbortSignal;
  /** Hears how many bytes have gone. */
  sent(bytes: number): void;
  lost(lost: boolean): void;
}

/** Upload a file into a bucket and return what came of it. */
export async function uploadFile(file: File, bucket: string, sender: Sender): Promise<Upload> {
  const sending = new Sending(file, bucket, sender);
  while (sending.upload.phase !== "over" && !sender.signal.aborted) {
    if (sending.upload.phase === "connecting") await sending.connect();
    else await sending.rest();
  }
  if (sending.upload.phase !== "over") await sending.cancel();
  return sending.upload;
}

class Sending {
  upload: Upload;

  constructor(
    private readonly file: File,
    private readonly bucket: string,
    private readonly sender: Sender,
  ) {
    this.upload = beginning(file.size);
  }

  /** Ask the server for one step. */
  async connect(): Promise<void> {
    const line = new Line(this.sender.signal);
    try {
      this.#happen(await this.#step(line));
    } catch (error) {
      if (!isTrouble(error)) throw error;
      this.#happen(await this.#broken(error));
    } finally {
      line.end();
    }
  }

  /** Wait until it is time to connect again. */
  async rest(): Promise<void> {
    await wait(pause(this.upload), this.sender.signal);
    this.#happen({ kind: "woken" });
  }

  /** Tell the server that no more will come; what it is not told it forgets in time. */
  async cancel(): Promise<void> {
    if (this.upload.id !== "") await cancelUpload(this.upload.id).catch(() => undefined);
  }

  async #step(line: Line): Promise<UploadHappening> {
    const { id, offset } = this.upload;
    const sent = (bytes: number): void => {
      line.live();
      this.sender.sent(offset + bytes);
    };
    switch (stepOf(this.upload)) {
      case "begin":
        return { kind: "begun", ...(await beginUpload(this.file, this.bucket, line.signal)) };
      case "ask":
        return { kind: "kept", offset: await askUpload(id, line.signal) };
      case "send":
        return { kind: "kept", offset: await sendPart(id, this.file, offset, { signal: line.signal, sent }) };
    }
  }

  #happen(happening: UploadHappening): void {
    this.upload = advance(this.upload, happening);
    if (happening.kind === "kept") this.sender.sent(this.upload.offset);
    this.sender.lost(isUploadLost(this.upload));
  }

  async #broken(error: Error): Promise<UploadHappening> {
    if (error instanceof ApiError) {
      const { status, code, message, values } = error;
      return { kind: "refused", status, code, message, values };
    }
    return (await isReadable(this.file)) ? { kind: "lost" } : { kind: "vanished" };
  }
}
