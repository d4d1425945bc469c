// @ts-check

/**
 * What can be said of a message's content without knowing what it means.
 * @module
 */

/** @typedef {string | Uint8Array<ArrayBuffer>} Payload */

const encoder = new TextEncoder();

/** So much of a message is shown, in characters or bytes. */
export const PREVIEW_LENGTH = 160;

const BINARY_PREVIEW_LENGTH = 24;

/**
 * @param {Payload} payload
 * @returns {number} bytes on the wire, without the frame's head
 */
export function sizeOf(payload) {
  return typeof payload === "string"
    ? encoder.encode(payload).length
    : payload.length;
}

/**
 * @param {number} bytes
 * @returns {string} e.g. `512 B`, `1.5 KiB`
 */
export function formatSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const kibi = bytes / 1024;
  return kibi < 1024 ? `${round(kibi)} KiB` : `${round(kibi / 1024)} MiB`;
}

/**
 * @param {Payload} payload
 * @returns {string} its beginning: text as it is, bytes in hexadecimal
 */
export function preview(payload) {
  if (typeof payload === "string") {
    const letters = [...payload.slice(0, PREVIEW_LENGTH * 2)];
    return letters.length <= PREVIEW_LENGTH &&
        payload.length <= PREVIEW_LENGTH * 2
      ? payload
      : `${letters.slice(0, PREVIEW_LENGTH).join("")}…`;
  }
  const bytes = payload.subarray(0, BINARY_PREVIEW_LENGTH);
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  return digits.join(" ") + (payload.length > bytes.length ? " …" : "");
}

/**
 * @param {Payload} a
 * @param {Payload} b
 * @returns {boolean} whether an echo is true to what was sent
 */
export function isSame(a, b) {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/**
 * @param {number} number
 * @returns {string}
 */
function round(number) {
  return number < 10 ? number.toFixed(1) : String(Math.round(number));
}
