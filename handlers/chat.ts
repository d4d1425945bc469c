import type { Handler } from "../upgrade/mod.ts";
import {
  type EncodedMessage,
  encodeMessage,
  upgradeWebSocket,
  type WebSocketConn,
} from "../upgrade/websocket/mod.ts";
import {
  banOfAddress,
  Chat,
  CHAT_CLOSE,
  CHAT_PROTOCOL,
  type ChatOptions,
  type ChatStore,
  Identity,
  type IdentityOptions,
  MAX_MESSAGE_BYTES,
} from "./chat/mod.ts";

/** A chat whose frames are WebSocket messages, each encoded once. */
export type WebSocketChat = Chat<EncodedMessage>;

/** What {@linkcode openChat} needs besides a store. */
export interface OpenChatOptions
  extends Omit<ChatOptions<EncodedMessage>, "store" | "identity" | "encode"> {
  /** Who people are. Default: that of {@linkcode Identity}. */
  readonly identity?: IdentityOptions;
}

/**
 * The most bytes that may wait for one slow reader: 1 MiB. One that lets more
 * gather is closed with 4008, so that it costs the others nothing.
 */
export const MAX_WAITING_BYTES: number = 1024 * 1024;

/** Makes the chat of a store for {@linkcode createChat}. */
export async function openChat(
  store: ChatStore,
  { identity: identityOptions, ...options }: OpenChatOptions = {},
): Promise<WebSocketChat> {
  const identity = new Identity(store, identityOptions);
  await identity.start();
  return new Chat({ ...options, store, identity, encode: encodeMessage });
}

/**
 * Makes the handler that connects WebSockets to a chat. It wants the
 * subprotocol `switchboard.chat.v1`, the same origin and an address that is not
 * banned, and compresses messages if the client offers it and `deflate` is set.
 */
export function createChat(
  chat: WebSocketChat,
  { deflate = false }: { readonly deflate?: boolean } = {},
): Handler {
  return async (request, { remoteAddr }) => {
    const address = "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
    if (address !== undefined) {
      if (await banOfAddress(chat, address) !== undefined) {
        return new Response("This address is banned.\n", { status: 403 });
      }
    }
    const { socket, response } = upgradeWebSocket(request, {
      protocols: [CHAT_PROTOCOL],
      requireProtocol: true,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      deflate,
    });
    bind(socket, chat, address);
    return response;
  };
}

function bind(
  socket: WebSocketConn,
  chat: WebSocketChat,
  address: string | undefined,
): void {
  let drained: Promise<void> | undefined;
  const session = chat.connect({
    send(frame) {
      drained = socket.send(frame);
      if (socket.bufferedAmount > MAX_WAITING_BYTES) {
        session.disconnect();
        socket.close(CHAT_CLOSE.tooSlow, "too slow to read");
      }
    },
    close: (code, reason) => socket.close(code, reason),
  }, { address });
  socket.forEach((message) => {
    const turn = session.receive(
      message.isText ? message.text() : message.bytes,
    );
    // Who does not read the answers is not asked for more.
    return turn === undefined ? drained : turn.then(() => drained);
  });
  socket.closed.then(() => session.disconnect());
}
