import { lendBuffer, returnBuffer } from "../../upgrade/_buffer_pool.ts";
import { Deadline } from "../../upgrade/_deadline.ts";
import { nextTurn } from "../../upgrade/_turn.ts";

/** Every way in which a relay ends, and what has happened. */
export const RELAY_ENDINGS = {
  finished: "both sides ended",
  idle: "no byte went either way for too long",
  closed: "this side closed it",
  client_lost: "the client was lost",
  target_lost: "the target was lost",
} as const;

/** A key of {@linkcode RELAY_ENDINGS}. */
export type RelayEnding = keyof typeof RELAY_ENDINGS;

/** What a relay has done. */
export interface Relayed {
  /** How many bytes of the client the target's connection has taken. */
  readonly sent: number;
  /** How many bytes of the target the client's connection has taken. */
  readonly received: number;
  /** What has ended it. */
  readonly ending: RelayEnding;
}

/** The options of {@linkcode relay}. */
export interface RelayOptions {
  /**
   * After so many milliseconds without a byte in either direction both
   * connections are closed. Default: 600,000.
   */
  readonly idleTimeout?: number;
}

const SMALLEST = 1 << 12;
const LARGEST = 1 << 18;
// A read of bytes that are there, and a write for which there is room, are over
// without a turn of the event loop: after so many bytes the others have theirs.
const BYTES_A_TURN = 1 << 18;
const READS_A_TURN = 16;

/**
 * Passes bytes between two connections, both ways at once, until both directions
 * have ended; then closes both. It never rejects.
 *
 * A direction reads no further than it has written, and holds one buffer. Its end
 * is passed on, while the other goes on. A connection that is lost closes both,
 * once what it said before is on its way to the other.
 */
export async function relay(
  client: Deno.Conn,
  target: Deno.Conn,
  { idleTimeout = 600_000 }: RelayOptions = {},
): Promise<Relayed> {
  const joint = new Joint({ client, target }, idleTimeout);
  const [sent, received] = await Promise.all([
    joint.pump("client", "target"),
    joint.pump("target", "client"),
  ]);
  return { sent, received, ending: joint.end() };
}

type Side = "client" | "target";

/** Two connections that are closed together. */
class Joint {
  readonly #sides: Readonly<Record<Side, Deno.Conn>>;
  readonly #idleTimeout: number;
  readonly #deadline = new Deadline(() => this.#checkIdle());
  readonly #ended = new Set<Side>();
  #lastMove = performance.now();
  #ending: RelayEnding | undefined;

  constructor(sides: Readonly<Record<Side, Deno.Conn>>, idleTimeout: number) {
    this.#sides = sides;
    this.#idleTimeout = idleTimeout;
    this.#deadline.set(idleTimeout);
  }

  /** Passes on what one side says; resolves to how many bytes went over. */
  async pump(from: Side, to: Side): Promise<number> {
    const source = this.#sides[from];
    const sink = this.#sides[to];
    let room = lendBuffer(SMALLEST);
    let passed = 0;
    let reads = 0;
    let bytes = 0;
    let active = from;
    try {
      for (;;) {
        active = from;
        const count = await source.read(room);
        active = to;
        if (count === null) {
          this.#ended.add(from);
          await sink.closeWrite();
          return passed;
        }
        this.#lastMove = performance.now();
        for (let written = 0; written < count;) {
          const taken = await sink.write(room.subarray(written, count));
          this.#lastMove = performance.now();
          written += taken;
          passed += taken;
        }
        bytes += count;
        if (++reads === READS_A_TURN || bytes >= BYTES_A_TURN) {
          reads = bytes = 0;
          await nextTurn();
        }
        room = fitRoom(room, count);
      }
    } catch (error) {
      this.#noteFailure(active, error);
      // RFC 9110 §9.3.6: what a lost side said before goes to the other. So who
      // takes nothing any more is still read; that ends by itself.
      if (active === from) this.#close();
      return passed;
    } finally {
      returnBuffer(room);
    }
  }

  /** Closes both, and tells what has ended them. */
  end(): RelayEnding {
    this.#deadline[Symbol.dispose]();
    this.#close();
    return this.#ending ?? "finished";
  }

  #noteFailure(side: Side, error: unknown): void {
    const { BadResource, Interrupted } = Deno.errors;
    if (error instanceof BadResource || error instanceof Interrupted) {
      this.#ending ??= "closed";
    } else if (!this.#ended.has(side)) this.#ending ??= `${side}_lost`;
    // Else it had ended, and takes nothing more: it has closed as it may.
  }

  #checkIdle(): void {
    const left = this.#lastMove + this.#idleTimeout - performance.now();
    if (left > 0) return this.#deadline.set(left);
    this.#ending ??= "idle";
    this.#close();
  }

  #close(): void {
    for (const conn of Object.values(this.#sides)) conn[Symbol.dispose]();
  }
}

/** A room for the next read, judged by what the last one brought. */
function fitRoom(
  room: Uint8Array<ArrayBuffer>,
  count: number,
): Uint8Array<ArrayBuffer> {
  const size = count === room.length
    ? Math.min(count * 2, LARGEST)
    : Math.max(count, SMALLEST);
  if (size <= room.length && size > room.length >>> 1) return room;
  returnBuffer(room);
  return lendBuffer(size);
}
