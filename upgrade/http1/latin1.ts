const LOOP_LIMIT = 12;
const PIECE = 4096;
const decoder = new TextDecoder();

/** What {@linkcode decodeLatin1} reads. */
export interface Latin1Range {
  /** The first byte. */
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
  /** Whether the caller saw that every byte is below 0x80. */
  readonly ascii: boolean;
}

/**
 * Makes a string of bytes, one character a byte (ISO 8859-1).
 *
 * `TextDecoder("latin1")` is not that: it decodes windows-1252, which moves
 * the bytes 0x80 to 0x9F.
 */
export function decodeLatin1(bytes: Uint8Array, range: Latin1Range): string {
  const { start, end, ascii } = range;
  if (end - start <= LOOP_LIMIT) {
    let text = "";
    for (let i = start; i < end; i++) {
      text += String.fromCharCode(bytes[i] as number);
    }
    return text;
  }
  if (ascii) return decoder.decode(bytes.subarray(start, end));
  let text = "";
  for (let from = start; from < end; from += PIECE) {
    const piece = bytes.subarray(from, Math.min(from + PIECE, end));
    text += String.fromCharCode(...piece);
  }
  return text;
}
