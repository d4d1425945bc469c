import type { Handler } from "../upgrade/mod.ts";
import {
  type EncodedMessage,
  encodeMessage,
  upgradeWebSocket,
  type WebSocketConn,
} from "../upgrade/websocket/mod.ts";
import {
  CHAT_CLOSE,
  CHAT_PROTOCOL,
  Hub,
  MAX_MESSAGE_BYTES,
} from "./chat/mod.ts";

/** A chat hub whose frames are WebSocket messages, each encoded once. */
export type WebSocketHub = Hub<EncodedMessage>;

/**
 * The most bytes that may wait for one slow reader: 1 MiB. One that lets more
 * gather is closed with 4008, so that it costs the others nothing.
 */
export const MAX_WAITING_BYTES: number = 1024 * 1024;

/** Makes a hub for {@linkcode createChat}. */
export function createHub(): WebSocketHub {
  return new Hub({ encode: encodeMessage });
}

/**
 * Makes the handler that connects WebSockets to a hub. It wants the
 * subprotocol `switchboard.chat.v1` and the same origin, and compresses messages
 * if the client offers it and `deflate` is set.
 */
export function createChat(
  hub: WebSocketHub,
  { deflate = false }: { readonly deflate?: boolean } = {},
): Handler {
  return (request) => {
    const { socket, response } = upgradeWebSocket(request, {
      protocols: [CHAT_PROTOCOL],
      requireProtocol: true,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      deflate,
    });
    bind(socket, hub);
    return response;
  };
}

function bind(socket: WebSocketConn, hub: WebSocketHub): void {
  let drained: Promise<void> | undefined;
  const session = hub.connect({
    send(frame) {
      drained = socket.send(frame);
      if (socket.bufferedAmount > MAX_WAITING_BYTES) {
        session.disconnect();
        socket.close(CHAT_CLOSE.tooSlow, "too slow to read");
      }
    },
    close: (code, reason) => socket.close(code, reason),
  });
  socket.forEach((message) => {
    session.receive(message.isText ? message.text() : message.bytes);
    // Who does not read the answers is not asked for more.
    return drained;
  });
  socket.closed.then(() => session.disconnect());
}
