import type { Handler } from "../upgrade/mod.ts";
import {
  type EncodedMessage,
  EncodedMessages,
  encodeMessage,
  joinMessages,
  upgradeWebSocket,
  type WebSocketConn,
  type WebSocketMessage,
} from "../upgrade/websocket/mod.ts";
import { addressKey } from "./chat/address_key.ts";
import {
  banOfAddress,
  Chat,
  CHAT_CLOSE,
  CHAT_PROTOCOL,
  type ChatCloseCode,
  type ChatOptions,
  type ChatStore,
  type Client,
  Identity,
  type IdentityOptions,
  MAX_MESSAGE_BYTES,
  type Session,
} from "./chat/mod.ts";

/**
 * A chat whose frames are WebSocket messages: those for many, encoded once, and
 * the text of those for one.
 */
export type WebSocketChat = Chat<ChatFrame>;

/** What the chat hands to a socket. */
export type ChatFrame = EncodedMessage | EncodedMessages | string;

/** What {@linkcode openChat} needs besides a store. */
export interface OpenChatOptions extends
  Omit<
    ChatOptions<ChatFrame>,
    "store" | "identity" | "encode" | "encodeAll" | "encodeForOne"
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
  return new Chat<ChatFrame>({
    ...options,
    store,
    identity,
    encode: (json) => encodeMessage(json),
    encodeAll: (json) => joinMessages(json.map((each) => encodeMessage(each))),
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
  const counts = new AddressCounts();
  const options = {
    protocols: [CHAT_PROTOCOL],
    requireProtocol: true,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    deflate,
  };
  return async (request, { remoteAddr }) => {
    const address = "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
    if (address !== undefined) {
      if (await banOfAddress(chat, address) !== undefined) {
        return new Response("This address is banned.\n", { status: 403 });
      }
    }
    const key = address === undefined ? undefined : addressKey(address);
    if (counts.of(key) >= maxConnectionsPerAddress) {
      return new Response("This address has too many connections.\n", {
        status: 429,
      });
    }
    const { socket, response } = upgradeWebSocket(request, options);
    new ChatSocket(socket, { chat, address, counts, key });
    return response;
  };
}

/** How many connections addresses have. */
class AddressCounts {
  readonly #counts = new Map<string, number>();

  /** Of one; none if it is not known. */
  of(key: string | undefined): number {
    return key === undefined ? 0 : this.#counts.get(key) ?? 0;
  }

  /** One has a connection more. */
  add(key: string | undefined): void {
    if (key !== undefined) this.#counts.set(key, this.of(key) + 1);
  }

  /** One has a connection less. */
  remove(key: string | undefined): void {
    if (key === undefined) return;
    const count = this.of(key) - 1;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

/** One connection of the chat: its socket, and its session. */
class ChatSocket implements Client<ChatFrame> {
  readonly #socket: WebSocketConn;
  readonly #session: Session;
  readonly #counts: AddressCounts;
  readonly #key: string | undefined;
  // Pending while the client has to read first.
  #drained: Promise<void> | undefined;

  constructor(socket: WebSocketConn, { chat, address, counts, key }: {
    readonly chat: WebSocketChat;
    readonly address: string | undefined;
    readonly counts: AddressCounts;
    readonly key: string | undefined;
  }) {
    this.#socket = socket;
    this.#counts = counts;
    this.#key = key;
    this.#session = chat.connect(this, { address });
    counts.add(key);
    socket.forEach((message) => this.#receive(message));
    socket.closed.then(() => this.#end());
  }

  send(frame: ChatFrame): void {
    const socket = this.#socket;
    this.#drained = frame instanceof EncodedMessages
      ? socket.sendAll(frame)
      : socket.send(frame);
    if (socket.bufferedAmount <= MAX_WAITING_BYTES) return;
    this.#session.disconnect();
    socket.close(CHAT_CLOSE.tooSlow, "too slow to read");
  }

  close(code: ChatCloseCode, reason: string): void {
    this.#socket.close(code, reason);
  }

  #end(): void {
    this.#counts.remove(this.#key);
    this.#session.disconnect();
  }

  #receive(message: WebSocketMessage): Promise<void> | undefined {
    const turn = this.#session.receive(
      message.isText ? message.text() : message.bytes,
    );
    // Who does not read the answers is not asked for more.
    return turn === undefined ? this.#drained : turn.then(() => this.#drained);
  }
}
