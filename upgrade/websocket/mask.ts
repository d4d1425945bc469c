// Building the view of words costs as much as masking this many single bytes.
const WORDS_FROM = 64;

/**
 * Masks or unmasks bytes in place (RFC 6455 §5.3).
 *
 * The key is the four key bytes as a little-endian integer; `offset` is how
 * many bytes of the same payload came before these.
 */
export function applyMask(bytes: Uint8Array, key: number, offset = 0): void {
  const turn = (offset & 3) << 3;
  let rotated = turn === 0 ? key : (key >>> turn) | (key << (32 - turn));
  const end = bytes.length;
  let i = 0;
  if (end >= WORDS_FROM) {
    const lead = -bytes.byteOffset & 3;
    for (; i < lead; i++) {
      bytes[i]! ^= rotated;
      rotated = (rotated >>> 8) | (rotated << 24);
    }
    const count = (end - lead) >>> 2;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + lead, count);
    for (let w = 0; w < count; w++) words[w]! ^= rotated;
    i += count << 2;
  }
  for (; i < end; i++) {
    bytes[i]! ^= rotated;
    rotated = (rotated >>> 8) | (rotated << 24);
  }
}
