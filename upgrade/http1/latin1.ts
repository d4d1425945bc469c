const LOOP_LIMIT = 12;
const PIECE = 4096;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

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

/**
 * Writes a string of characters up to U+00FF at the start of `bytes`, one byte a
 * character.
 */
export function encodeLatin1(text: string, bytes: Uint8Array): void {
  // The encoder is the fastest writer of ASCII, and of ASCII alone it makes
  // one byte a character. What it makes of other text is written over.
  const { read, written } = encoder.encodeInto(text, bytes);
  if (read === text.length && written === text.length) return;
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
}
