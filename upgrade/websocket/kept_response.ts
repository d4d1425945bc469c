// Enough for a page that says what is wrong.
const MOST_BYTES = 0x10000;

/**
 * Reads the body of an answer that ends the handshake, up to 64 KiB of it, so that
 * its connection can be closed. What does not come is left out.
 */
export async function keepResponse(response: Response): Promise<Response> {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let room = MOST_BYTES;
  try {
    for await (const piece of body) {
      pieces.push(piece.subarray(0, room));
      room -= pieces.at(-1)!.length;
      if (room === 0) break;
    }
  } catch {
    // The time is over, or the server went away: the status says enough.
  }
  return new Response(new Blob(pieces), { status, statusText, headers });
}
