/**
 * Sends 200 MiB to the port that it is given, where nobody reads, in the way
 * that it is given, and tells what became of it and of its memory.
 *
 * @module
 */

import { Upgraded } from "../../../upgrade/mod.ts";
import { WebSocketConn } from "../../../upgrade/websocket/mod.ts";

/** What came of it. */
export interface Flood {
  /** How many bytes `send()` was given, or has asked a stream for. */
  readonly given: number;
  /** How often it has asked its caller to wait. */
  readonly waits: number;
  /** How many bytes the process took more than before, at most. */
  readonly growth: number;
  /** The close code. */
  readonly code: number;
}

const ALL = 200 << 20;
const CHUNK = 0x10000;

const WAYS: Record<string, (flood: Flooding) => Promise<void>> = {
  async message(flood) {
    while (flood.goesOn) await flood.send(new Uint8Array(CHUNK));
  },
  async stream(flood) {
    await flood.send(
      new ReadableStream({
        pull(controller) {
          if (!flood.goesOn) return controller.close();
          flood.given += CHUNK;
          controller.enqueue(new Uint8Array(CHUNK));
        },
      }),
    );
  },
  // Waits for nobody, as a broadcast does.
  async broadcast(flood) {
    while (flood.goesOn) {
      flood.send(new Uint8Array(CHUNK));
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};

class Flooding {
  readonly #socket: WebSocketConn;
  readonly #before = Deno.memoryUsage().rss;
  given = 0;
  waits = 0;
  growth = 0;

  constructor(socket: WebSocketConn) {
    this.#socket = socket;
  }

  get goesOn(): boolean {
    this.growth = Math.max(
      this.growth,
      Deno.memoryUsage().rss - this.#before,
    );
    return this.given < ALL && this.#socket.readyState === WebSocketConn.OPEN;
  }

  send(data: Uint8Array | ReadableStream<Uint8Array>): Promise<void> {
    if (data instanceof Uint8Array) this.given += data.length;
    const sent = this.#socket.send(data);
    if (sent !== undefined) this.waits++;
    return sent ?? Promise.resolve();
  }
}

if (import.meta.main) {
  const [port, way] = Deno.args;
  const io = await Deno.connect({ port: Number(port) });
  const socket = new WebSocketConn(
    new Upgraded({ io, readBuf: new Uint8Array(0) }),
    { role: "server", url: "ws://a.example/", protocol: "" },
    {
      idleTimeout: 500,
      closeTimeout: 100,
      overflow: way === "broadcast" ? "close" : "wait",
    },
  );
  await socket.opened;
  const flood = new Flooding(socket);
  await WAYS[way!]!(flood);
  const { code } = await socket.closed;
  const { given, waits, growth } = flood;
  const result: Flood = { given, waits, growth, code };
  console.log(JSON.stringify(result));
}
