import type { Handler } from "../upgrade/mod.ts";
import {
  type EncodedMessage,
  encodeMessage,
  upgradeWebSocket,
  type WebSocketConn,
} from "../upgrade/websocket/mod.ts";
import { addressKey } from "./chat/address_key.ts";
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

/**
 * A chat whose frames are WebSocket messages: those for many, each encoded once,
 * and the text of those for one.
 */
export type WebSocketChat = Chat<EncodedMessage | string>;

/** What {@linkcode openChat} needs besides a store. */
export interface OpenChatOptions extends
  Omit<
    ChatOptions<EncodedMessage | string>,
    "store" | "identity" | "encode" | "encodeForOne"
  > {
  /** Who people are. Default: that of {@linkcode Identity}. */
  readonly identity?: IdentityOptions;
}

/**
 * The most bytes that may wait for one slow reader: 1 MiB. One that lets more
 * gather is closed with 4008, so that it costs the others nothing.
 */
export const MAX_WAITING_BYTES: number = 1024 * 1024;

/** Options of {@linkcode createChat}. */
export interface CreateChatOptions {
  /** Whether messages are compressed if the client offers it. Default: `false`. */
  readonly deflate?: boolean;
  /**
   * How many connections one address may have; a further one is refused with
   * 429. An IPv6 network of /64 counts as one address; unix sockets have none.
   * Default: Infinity.
   */
  readonly maxConnectionsPerAddress?: number;
}

/** Makes the chat of a store for {@linkcode createChat}. */
export async function openChat(
  store: ChatStore,
  { identity: identityOptions, ...options }: OpenChatOptions = {},
): Promise<WebSocketChat> {
  const identity = new Identity(store, identityOptions);
  await identity.start();
  return new Chat<EncodedMessage | string>({
    ...options,
    store,
    identity,
    encode: encodeMessage,
    // So frames for many lie side by side, and are written as one piece.
    encodeForOne: (json) => json,
  });
}

/**
 * Makes the handler that connects WebSockets to a chat. It wants the
 * subprotocol `switchboard.chat.v1`, the same origin, and an address that is not
 * banned and has not too many connections.
 */
export function createChat(
  chat: WebSocketChat,
  { deflate = false, maxConnectionsPerAddress = Infinity }: CreateChatOptions =
    {},
): Handler {
  const counts = new Map<string, number>();
  return async (request, { remoteAddr }) => {
    const address = "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
    if (address !== undefined) {
      if (await banOfAddress(chat, address) !== undefined) {
        return new Response("This address is banned.\n", { status: 403 });
      }
    }
    const key = address === undefined ? undefined : addressKey(address);
    const count = key === undefined ? 0 : counts.get(key) ?? 0;
    if (count >= maxConnectionsPerAddress) {
      return new Response("This address has too many connections.\n", {
        status: 429,
      });
    }
    const { socket, response } = upgradeWebSocket(request, {
      protocols: [CHAT_PROTOCOL],
      requireProtocol: true,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      deflate,
    });
    if (key !== undefined) {
      counts.set(key, count + 1);
      socket.closed.then(() => leave(counts, key));
    }
    bind(socket, chat, address);
    return response;
  };
}

function leave(counts: Map<string, number>, key: string): void {
  const count = counts.get(key)! - 1;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
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
