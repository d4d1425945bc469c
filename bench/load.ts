/**
 * A closed loop of load for the servers that are compared: every sender keeps a
 * number of messages in flight and sends the next when one comes back.
 *
 * @module
 */

import { constants, deflateRawSync } from "node:zlib";
import { WebSocketProtocol } from "../mod.ts";
import { FrameCounter } from "./frame_counter.ts";
import { openWebSocket, writeAll } from "./handshake.ts";
import { Latencies } from "./latencies.ts";
import { sampleText } from "./sample_text.ts";
import type { Workload } from "./workloads.ts";

// Without a context, each message costs each server the same work, though all
// messages are the same one.
const DEFLATE_OFFER = "Sec-WebSocket-Extensions: permessage-deflate; " +
  "server_no_context_takeover; client_no_context_takeover";

const ROOM = 1 << 16;

/** Loads a server, and counts the messages that come back. */
export class Load {
  readonly #workload: Workload;
  readonly #frame: Uint8Array;
  readonly #conns: Deno.TcpConn[] = [];
  #disposed = false;
  #failure: unknown;
  /** How many messages have come back so far, to any connection. */
  received = 0;
  /**
   * The round trips of the senders. In a fan-out, one is over when as many
   * messages have come as there are senders.
   */
  readonly latencies: Latencies = new Latencies();

  /** Prepares a workload. */
  constructor(workload: Workload) {
    this.#workload = workload;
    this.#frame = encodeFrame(workload);
  }

  /**
   * Connects all, one after the other, and sends the first messages. Throws an
   * `Error` when the server does not accept, or does not agree to compress.
   */
  async start(port: number): Promise<void> {
    const { kind, connections, senders } = this.#workload;
    for (let i = 0; i < connections; i++) {
      this.#conns.push(await this.#open(port));
    }
    if (kind === "idle") return;
    this.#conns.forEach((conn, i) => {
      this.#run(conn, i < senders).catch((error) => {
        if (!this.#disposed) this.#failure ??= error;
      });
    });
  }

  /** Throws what went wrong on a connection, if something did. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Drops all connections. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const conn of this.#conns) conn.close();
  }

  async #open(port: number): Promise<Deno.TcpConn> {
    const { kind, isDeflated } = this.#workload;
    const { conn, head } = await openWebSocket(port, {
      path: kind === "fan" ? "/fan" : "/echo",
      fields: isDeflated ? [DEFLATE_OFFER] : [],
    });
    const deflates = /^sec-websocket-extensions: permessage-deflate/im;
    if (deflates.test(head) !== isDeflated) {
      throw new Error(isDeflated ? "does not compress" : "compresses unasked");
    }
    return conn;
  }

  async #run(conn: Deno.TcpConn, sends: boolean): Promise<void> {
    const { kind, size, inFlight, isDeflated, senders } = this.#workload;
    const perRound = kind === "fan" ? senders : 1;
    const counter = new FrameCounter(
      this.#frame[0]!,
      isDeflated ? undefined : size,
    );
    const batch = repeat(this.#frame, inFlight);
    const room = new Uint8Array(Math.max(ROOM, size * 2));
    // Messages come back in the order in which they were sent, and the next one
    // takes the place of the one that came back.
    const sentAt = new Float64Array(inFlight).fill(performance.now());
    let oldest = 0;
    let messages = 0;
    if (sends) await writeAll(conn, batch);
    for (;;) {
      const read = await conn.read(room);
      if (read === null) throw new Error("the server closed a connection");
      const whole = counter.count(room.subarray(0, read));
      this.received += whole;
      if (!sends) continue;
      messages += whole;
      const rounds = Math.floor(messages / perRound);
      if (rounds === 0) continue;
      messages -= rounds * perRound;
      const now = performance.now();
      for (let i = 0; i < rounds; i++) {
        this.latencies.add(now - sentAt[oldest]!);
        sentAt[oldest] = now;
        oldest = (oldest + 1) % inFlight;
      }
      // A sender that others overtook has more rounds behind it than its own
      // messages in flight.
      await writeAll(
        conn,
        rounds <= inFlight
          ? batch.subarray(0, rounds * this.#frame.length)
          : repeat(this.#frame, rounds),
      );
    }
  }
}

/** The frame of a client that all senders send, again and again. */
function encodeFrame({ size, isText, isDeflated }: Workload): Uint8Array {
  const text = sampleText(size);
  const client = new WebSocketProtocol("client");
  client.send(isDeflated ? deflate(text) : text);
  const frame = client.output.take().slice();
  // RFC 6455 §5.2: FIN and the opcode; RFC 7692 §6: RSV1 of a compressed message.
  frame[0] = 0x80 | (isDeflated ? 0x40 : 0) | (isText ? 0x1 : 0x2);
  return frame;
}

// RFC 7692 §7.2.1: the empty block at the end of the flush is not sent.
function deflate(bytes: Uint8Array): Uint8Array {
  const finishFlush = constants.Z_SYNC_FLUSH;
  return deflateRawSync(bytes, { finishFlush }).subarray(0, -4);
}

function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(bytes.length * count);
  for (let i = 0; i < count; i++) all.set(bytes, i * bytes.length);
  return all;
}
