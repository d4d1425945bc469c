import { Upgraded } from "../../../upgrade/mod.ts";
import {
  type Role,
  WebSocketConn,
  type WebSocketConnOptions,
} from "../../../upgrade/websocket/mod.ts";
import { connect, type RawSocket } from "../../_raw_socket.ts";
import {
  bytesOf,
  concat,
  type DecodedFrame,
  decodeFrames,
  frame,
  KEY,
} from "./_frames.ts";

/** The other end of a WebSocket, which says exactly what a test wants. */
export class Peer implements Disposable {
  readonly raw: RawSocket;
  readonly #masks: boolean;

  /** Speaks over `raw`, as a client if it `masks`. */
  constructor(raw: RawSocket, masks = true) {
    this.raw = raw;
    this.#masks = masks;
  }

  /** Opens a WebSocket; rejects unless the answer is 101. */
  static async open(
    port: number,
    fields: Readonly<Record<string, string>> = {},
    path = "/chat?room=1",
  ): Promise<Peer> {
    const raw = await connect(port);
    await raw.send(openingHandshake(fields, path));
    const head = await raw.readUntil("\r\n\r\n");
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head);
    return new Peer(raw);
  }

  /** The bytes of a frame as this side sends it. */
  frame(
    opcode: number,
    payload: Uint8Array | string = "",
    fin: 0 | 1 = 1,
  ): Uint8Array<ArrayBuffer> {
    return frame({ opcode, payload, fin, ...(this.#masks && { key: KEY }) });
  }

  /** Sends one frame. */
  send(opcode: number, payload: Uint8Array | string = ""): Promise<void> {
    return this.raw.send(this.frame(opcode, payload));
  }

  /** Reads one frame. */
  async readFrame(): Promise<DecodedFrame> {
    const head = await this.raw.readExactly(2);
    const short = head[1]! & 0x7f;
    const more = await this.raw.readExactly(
      short === 126 ? 2 : short === 127 ? 8 : 0,
    );
    const length = short < 126
      ? short
      : more.reduce((sum, byte) => sum * 256 + byte, 0);
    const masked = head[1]! >= 0x80;
    const rest = await this.raw.readExactly(length + (masked ? 4 : 0));
    return decodeFrames(concat(head, more, rest))[0]!;
  }

  /** Reads one frame and shortens it to its opcode and payload. */
  async read(): Promise<[opcode: number, payload: string]> {
    const { opcode, payload } = await this.readFrame();
    return [opcode, payload];
  }

  /** Reads and forgets `count` bytes, or all there are. */
  async skim(count = Infinity): Promise<number> {
    const target = new Uint8Array(0x10000);
    let skimmed = 0;
    while (skimmed < count) {
      const read = await this.raw.conn.read(target);
      if (read === null) break;
      skimmed += read;
    }
    return skimmed;
  }

  /** Asserts by reading that nothing but the end of the stream follows. */
  async readEnd(): Promise<void> {
    const rest = await this.raw.readToEnd();
    if (rest.length > 0) throw new Error(`More came: ${rest}`);
  }

  /**
   * Closes while something is unread, so that the other side sees a reset. What
   * is unread has to be there: send something that is answered before.
   */
  reset(): void {
    this.raw.close();
  }

  /** Closes the connection, if it is still open. */
  [Symbol.dispose](): void {
    this.raw.close();
  }
}

/** What a test changes of an ordinary connection. */
export interface PairOptions extends WebSocketConnOptions {
  /** The role of the socket under test. Default: server. */
  readonly role?: Role;
  /** The bytes that came with the handshake. Default: none. */
  readonly early?: Uint8Array;
  /** What the socket's connection goes through before it is used. */
  readonly prepare?: (conn: Deno.Conn) => void;
  /** Told of errors that are reported to the server. */
  readonly onError?: (error: unknown) => void;
}

/** What a socket is made of, and its peer. Disposing of it ends both. */
export interface UpgradedPair extends AsyncDisposable {
  readonly upgraded: Upgraded;
  readonly peer: Peer;
}

/** A socket under test, and its peer. Disposing of it ends both. */
export interface Pair extends UpgradedPair {
  readonly socket: WebSocketConn;
}

/** Connects a socket to a peer over TCP, as if the handshake had been. */
export async function pair(options: PairOptions = {}): Promise<Pair> {
  const connected = await upgradedPair(options);
  const session = {
    role: options.role ?? "server",
    url: "ws://chat.example/",
    protocol: "",
  };
  const socket = new WebSocketConn(connected.upgraded, session, options);
  return { ...connected, socket };
}

/** Connects what a socket is made of to a peer. */
export async function upgradedPair(
  options: PairOptions = {},
): Promise<UpgradedPair> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [raw, io] = await Promise.all([
    connect(listener.addr.port),
    listener.accept(),
  ]);
  options.prepare?.(io);
  const readBuf = options.early ?? new Uint8Array(0);
  const { onError } = options;
  const released = Promise.withResolvers<void>();
  const upgraded = new Upgraded({ io, readBuf }, {
    owner: {
      onReleased: released.resolve,
      onFailed: (error) => onError?.(error),
    },
  });
  return {
    upgraded,
    peer: new Peer(raw, options.role !== "client"),
    async [Symbol.asyncDispose]() {
      raw.close();
      const late = setTimeout(() => {
        released.reject(new Error("The socket has not let go in 5 s"));
      }, 5_000);
      await released.promise.finally(() => clearTimeout(late));
      // What runs in the turn that has closed the connection ends with it.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A client's opening handshake; an empty value leaves the field out. */
export function openingHandshake(
  fields: Readonly<Record<string, string>> = {},
  path = "/chat?room=1",
): Uint8Array<ArrayBuffer> {
  const lines = Object.entries({
    "Host": "chat.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...fields,
  }).filter(([, value]) => value !== "");
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return bytesOf(`GET ${path} HTTP/1.1\r\n${text}\r\n`);
}
