/** Text files, read in the browser. */

/** Bytes; larger files are refused. */
export const FILE_LIMIT = 1_048_576;

export type Reading = { readonly name: string; readonly size: number } & (
  { readonly state: "ready"; readonly text: string } | { readonly state: "large" | "binary" }
);

/** Read a file as UTF-8 text, or say why that cannot be. */
export async function readText(file: File): Promise<Reading> {
  const { name, size } = file;
  if (size > FILE_LIMIT) return { name, size, state: "large" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    return text.includes("\0") ? { name, size, state: "binary" } : { name, size, state: "ready", text };
  } catch {
    return { name, size, state: "binary" };
  }
}

/** Let the person choose files; nothing when they cancel. */
export function pickFiles(): Promise<readonly File[]> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  return new Promise((resolve) => {
    input.addEventListener("change", () => {
      resolve([...(input.files ?? [])]);
    });
    input.addEventListener("cancel", () => {
      resolve([]);
    });
    input.click();
  });
}
