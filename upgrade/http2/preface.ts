/** What every client of HTTP/2 sends first, RFC 9113 §3.4. */
export const PREFACE: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
);

/** Whether the first bytes of a connection are, or may become, the preface. */
export function beginsPreface(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, PREFACE.length);
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== PREFACE[i]) return false;
  }
  return true;
}
