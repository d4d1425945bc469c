// RFC 6455 §10.3: the keys come from a strong source of entropy. One call for
// many of them costs little more than one call for one.
const keys = new Int32Array(1024);
let used = keys.length;

/** The masking key of a client's next frame, unpredictable to anybody. */
export function randomMaskingKey(): number {
  if (used === keys.length) {
    crypto.getRandomValues(keys);
    used = 0;
  }
  return keys[used++]!;
}
