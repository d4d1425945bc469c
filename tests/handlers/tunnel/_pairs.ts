import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { RawSocket } from "../../_raw_socket.ts";

const HOST = "127.0.0.1";

/** Two ends of one TCP connection. */
export interface Pair {
  /** The end that a test talks at. */
  readonly far: RawSocket;
  /** The end that is given to what is tested, which closes it. */
  readonly near: Deno.TcpConn;
}

/** Connects two ends. */
export async function makePair(): Promise<Pair> {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = listener.addr;
  const far = await Deno.connect({ hostname: HOST, port });
  const near = await listener.accept();
  return { far: new RawSocket(far), near };
}

/** An end that resets its connection when the test says so. */
export interface Resetting {
  readonly near: Deno.TcpConn;
  readonly far: Socket;
}

/** As {@linkcode makePair}, with a far end that can reset the connection. */
export async function makeResettingPair(): Promise<Resetting> {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const far = createConnection(listener.addr.port, HOST);
  const near = await listener.accept();
  await once(far, "connect");
  return { far, near };
}

/** Resets the connection of an end. */
export async function reset({ far }: Resetting): Promise<void> {
  const gone = once(far, "close");
  far.resetAndDestroy();
  await gone;
}

/** What comes at an end, until the other side ends its sending direction. */
export async function* piecesFrom(
  { conn }: RawSocket,
): AsyncGenerator<Uint8Array> {
  const room = new Uint8Array(0x10000);
  for (;;) {
    const count = await conn.read(room);
    if (count === null) return;
    yield room.subarray(0, count);
  }
}

/** Sends all pieces at an end, and ends its sending direction. */
export async function sendPieces(
  { conn }: RawSocket,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const piece of pieces) {
    for (let sent = 0; sent < piece.length;) {
      sent += await conn.write(piece.subarray(sent));
    }
  }
  await conn.closeWrite();
}

/** A port that takes no connection and refuses none. */
export class SilentPort implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #waiting: readonly Deno.TcpConn[];

  private constructor(
    listener: Deno.TcpListener,
    waiting: readonly Deno.TcpConn[],
  ) {
    this.#listener = listener;
    this.#waiting = waiting;
  }

  /** Fills the queue of a port that accepts nothing. */
  static async open(options: { port?: number } = {}): Promise<SilentPort> {
    const { port = 0 } = options;
    const listener = Deno.listen({ hostname: HOST, port, tcpBacklog: 1 });
    const waiting: Deno.TcpConn[] = [];
    for (;;) {
      try {
        waiting.push(
          await Deno.connect({
            hostname: HOST,
            port: listener.addr.port,
            signal: AbortSignal.timeout(200),
          }),
        );
      } catch {
        return new SilentPort(listener, waiting);
      }
    }
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.addr.port;
  }

  [Symbol.dispose](): void {
    for (const conn of this.#waiting) conn.close();
    this.#listener.close();
  }
}

/** A port at which nobody listens. */
export function closedPort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return listener.addr.port;
}
