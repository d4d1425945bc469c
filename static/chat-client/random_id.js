// @ts-check

/**
 * @returns {string} 32 characters, 128 bits of chance
 */
export function randomId() {
  // randomUUID() is only there on pages that were loaded securely.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
