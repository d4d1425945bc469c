import type { ExportLine } from "../chat/mod.ts";

/**
 * Reads JSON lines: an object each, empty lines left out. Throws a `TypeError`
 * that names the line which is none.
 */
export async function* readLines(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ExportLine> {
  let number = 0;
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      number++;
      if (line.trim() !== "") yield parseLine(line, number);
    }
  }
  if (rest.trim() !== "") yield parseLine(rest, number + 1);
}

/** Writes JSON lines, and says how many there were. */
export async function writeLines(
  lines: AsyncIterable<ExportLine>,
  sink: WritableStream<Uint8Array<ArrayBuffer>>,
): Promise<number> {
  const encoder = new TextEncoder();
  const writer = sink.getWriter();
  let count = 0;
  for await (const line of lines) {
    await writer.write(encoder.encode(`${JSON.stringify(line)}\n`));
    count++;
  }
  writer.releaseLock();
  return count;
}

function parseLine(line: string, number: number): ExportLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new TypeError(`Cannot import the room: line ${number} is no JSON`, {
      cause,
    });
  }
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Cannot import the room: line ${number} is no object`);
  }
  return value as ExportLine;
}
