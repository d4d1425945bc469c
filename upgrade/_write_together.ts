import { lendBuffer, returnBuffer } from "./_buffer_pool.ts";
import { encodeLatin1 } from "./http1/mod.ts";

// Up to this size, what belongs together is copied together for one write.
const COPIED_BYTES = 0x10000;

/** Writes all of some bytes, which may change when it has resolved. */
export interface ByteWriter {
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Writes text, one byte a character, and what comes after it. */
export async function writeTogether(
  writer: ByteWriter,
  text: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  let length = text.length;
  for (const part of parts) length += part.length;
  if (length === 0) return;
  if (length > COPIED_BYTES || text === "" && parts.length === 1) {
    if (text !== "") {
      const bytes = new Uint8Array(text.length);
      encodeLatin1(text, bytes);
      await writer.write(bytes);
    }
    for (const part of parts) await writer.write(part);
    return;
  }
  const room = lendBuffer(length);
  encodeLatin1(text, room);
  let end = text.length;
  for (const part of parts) {
    room.set(part, end);
    end += part.length;
  }
  await writer.write(room.subarray(0, length));
  returnBuffer(room);
}
