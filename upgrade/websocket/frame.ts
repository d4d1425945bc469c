/** The longest payload of a control frame, in bytes (RFC 6455 §5.5). */
export const MAX_CONTROL_BYTES = 125;

/** How many bytes the header of a frame takes (RFC 6455 §5.2). */
export function frameHeaderLength(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 0x10000 ? 4 : 10) + (masked ? 4 : 0);
}

/**
 * Writes a final frame's header at `at`, without a masking key, and returns
 * where the key or the payload begins (RFC 6455 §5.2).
 */
export function writeFrameHeader(
  target: Uint8Array,
  at: number,
  header: { opcode: number; length: number; masked: boolean },
): number {
  const { length } = header;
  const mask = header.masked ? 0x80 : 0;
  target[at] = 0x80 | header.opcode;
  if (length < 126) {
    target[at + 1] = mask | length;
    return at + 2;
  }
  if (length < 0x10000) {
    target[at + 1] = mask | 126;
    target[at + 2] = length >>> 8;
    target[at + 3] = length;
    return at + 4;
  }
  target[at + 1] = mask | 127;
  const high = Math.floor(length / 0x1_0000_0000);
  for (let i = 0; i < 4; i++) {
    target[at + 2 + i] = high >>> (24 - 8 * i);
    target[at + 6 + i] = length >>> (24 - 8 * i);
  }
  return at + 10;
}
