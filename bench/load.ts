/**
 * A closed loop of load for the servers of `bench/servers/`: every connection
 * keeps a number of messages in flight and sends the next when one comes back.
 *
 * @module
 */

import { WebSocketProtocol } from "../mod.ts";

/** What is measured. */
export interface Workload {
  /** `/echo`, or `/fan` where every message goes to every connection. */
  readonly path: "/echo" | "/fan";
  /** How many connections there are. */
  readonly connections: number;
  /** The payload of a message, in bytes. */
  readonly size: number;
  /** How many messages a sender keeps in flight. */
  readonly inFlight: number;
  /** How many of the connections send. */
  readonly senders: number;
}

const REQUEST_FIELDS = [
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/** Loads a server, and counts the messages that come back. */
export class Load {
  readonly #workload: Workload;
  readonly #frame: Uint8Array;
  readonly #echoLength: number;
  readonly #conns: Deno.TcpConn[] = [];
  /** How many messages have come back so far. */
  received = 0;

  /** Prepares a workload. */
  constructor(workload: Workload) {
    this.#workload = workload;
    const client = new WebSocketProtocol("client");
    client.send(new Uint8Array(workload.size).fill(0x61));
    this.#frame = client.output.take().slice();
    // What comes back has no masking key.
    this.#echoLength = this.#frame.length - 4;
  }

  /** Connects all, and sends the first messages. */
  async start(port: number): Promise<void> {
    const { connections, senders } = this.#workload;
    for (let i = 0; i < connections; i++) {
      this.#conns.push(await this.#open(port));
    }
    this.#conns.forEach((conn, i) => this.#run(conn, i < senders));
  }

  /** Drops all connections. */
  stop(): void {
    for (const conn of this.#conns) conn.close();
  }

  async #open(port: number): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    const request = [`GET ${this.#workload.path} HTTP/1.1`, ...REQUEST_FIELDS];
    const head = new TextEncoder().encode(request.join("\r\n") + "\r\n\r\n");
    await conn.write(head);
    const answer = new Uint8Array(1024);
    let length = 0;
    do {
      length += await conn.read(answer.subarray(length)) ?? 0;
    } while (!endsHead(answer.subarray(0, length)));
    return conn;
  }

  async #run(conn: Deno.TcpConn, sends: boolean): Promise<void> {
    const { path, inFlight, senders } = this.#workload;
    // In a fan-out, one round of a sender comes back once for each sender.
    const perRound = path === "/fan" ? senders : 1;
    const batch = repeat(this.#frame, inFlight);
    const room = new Uint8Array(Math.max(0x10000, this.#echoLength * 2));
    let bytes = 0;
    let messages = 0;
    try {
      if (sends) await writeAll(conn, batch);
      for (;;) {
        const read = await conn.read(room);
        if (read === null) return;
        bytes += read;
        const whole = Math.floor(bytes / this.#echoLength);
        bytes -= whole * this.#echoLength;
        this.received += whole;
        messages += whole;
        const rounds = Math.floor(messages / perRound);
        messages -= rounds * perRound;
        if (sends && rounds > 0) {
          await writeAll(conn, batch.subarray(0, rounds * this.#frame.length));
        }
      }
    } catch {
      // stop() has closed the connection.
    }
  }
}

function endsHead(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.slice(-4)) === "\r\n\r\n";
}

function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(bytes.length * count);
  for (let i = 0; i < count; i++) all.set(bytes, i * bytes.length);
  return all;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(bytes.subarray(written));
  }
}
