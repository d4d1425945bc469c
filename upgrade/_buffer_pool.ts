// Making a buffer of 64 KiB costs more than filling it, so buffers are lent and
// given back. An idle socket holds none.
const SMALLEST = 8; // 256 bytes
const LARGEST = 20; // 1 MiB
const KEPT_BYTES = 4 << 20; // of each size, at most

const shelves: Uint8Array<ArrayBuffer>[][] = Array.from(
  { length: LARGEST - SMALLEST + 1 },
  () => [],
);

/** Lends a buffer of at least `length` bytes; what it holds is not cleared. */
export function lendBuffer(length: number): Uint8Array<ArrayBuffer> {
  if (length > 1 << LARGEST) return new Uint8Array(length);
  const power = Math.max(SMALLEST, 32 - Math.clz32(length - 1));
  return shelves[power - SMALLEST]!.pop() ?? new Uint8Array(1 << power);
}

/**
 * Gives back a buffer that was lent; nobody may use it or a view of it after
 * this. A buffer of another size than those that are lent is let go.
 */
export function returnBuffer(buffer: Uint8Array<ArrayBuffer>): void {
  const power = 31 - Math.clz32(buffer.length);
  const shelf = shelves[power - SMALLEST];
  if (shelf === undefined || buffer.length !== 1 << power) return;
  if ((shelf.length << power) < KEPT_BYTES) shelf.push(buffer);
}
