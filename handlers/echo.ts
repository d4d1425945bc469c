import type { Handler } from "../upgrade/mod.ts";
import { upgradeWebSocket } from "../upgrade/websocket/mod.ts";

/** The largest message that {@linkcode echo} sends back: 16 MiB. */
export const MAX_ECHO_BYTES: number = 16 * 1024 * 1024;

/**
 * Makes a WebSocket that sends back what it gets, text as text and binary as
 * binary, compressed if the client offers it and `deflate` is set.
 *
 * It reads no further while the peer does not read, so a peer that only sends
 * costs no memory. A message over {@linkcode MAX_ECHO_BYTES} ends the
 * connection with 1009.
 */
export function createEcho(
  { deflate = false }: { readonly deflate?: boolean } = {},
): Handler {
  return (request) => {
    const { socket, response } = upgradeWebSocket(request, {
      maxMessageBytes: MAX_ECHO_BYTES,
      deflate,
    });
    socket.forEach((message) => socket.send(message));
    return response;
  };
}
