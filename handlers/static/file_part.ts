import type { ByteRange } from "./byte_range.ts";

// Larger ones cost less a byte, but each client that takes nothing holds two.
const CHUNK_BYTES = 0x10000;

/**
 * Streams a part of an open file, and closes the file: when the part has been
 * read, when the stream is cancelled, and when reading fails.
 *
 * Nothing is read before it is asked for, and at most 64 KiB at once. What is
 * added to the file meanwhile is not sent. If the file becomes shorter than the
 * part, the stream errors, since a shorter body would pass for a complete one.
 */
export function streamPart(
  file: Deno.FsFile,
  { first, last }: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const closing = new DisposableStack();
  closing.use(file);
  let left = last - first + 1;
  return new ReadableStream({
    start() {
      file.seekSync(first, Deno.SeekMode.Start);
    },
    async pull(controller) {
      try {
        const chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
        const read = await file.read(chunk);
        if (read === null) {
          throw new Error(
            `Cannot send the file: it has ended ${left} bytes too early`,
          );
        }
        controller.enqueue(chunk.subarray(0, read));
        left -= read;
        if (left > 0) return;
        controller.close();
        closing.dispose();
      } catch (error) {
        closing.dispose();
        throw error;
      }
    },
    cancel() {
      closing.dispose();
    },
  }, { highWaterMark: 0 });
}
