import { decodeBase64, encodeBase64 } from "@std/encoding";
import { spawn } from "./_run.ts";
import { type Data, LocalPeer, type PeerServer } from "./_websocket_peer.ts";

/** What a program tells, each a line of JSON; bytes are in Base64. */
type Told =
  | { readonly listening: number }
  | { readonly open: string }
  | { readonly text: string }
  | { readonly binary: string }
  | { readonly pong: string }
  | { readonly closed: readonly [code: number, reason: string] };

/**
 * A program that has one connection: it does what it is told, and tells what
 * happens, line by line. It ends when the connection does.
 */
export class ProcessPeer extends LocalPeer {
  protocol = "";
  readonly opened: Promise<void>;
  readonly listening: Promise<number>;
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #opening = Promise.withResolvers<void>();
  readonly #port = Promise.withResolvers<number>();
  readonly #done: Promise<void>;

  /** Starts a program with these arguments. */
  constructor(program: string, args: readonly string[]) {
    super();
    this.opened = this.#opening.promise;
    this.listening = this.#port.promise;
    this.#child = spawn(program, args, "piped");
    this.#orders = this.#child.stdin.getWriter();
    this.#done = this.#listen();
  }

  send(data: Data): void {
    this.#order(
      typeof data === "string"
        ? { text: data }
        : { binary: encodeBase64(data) },
    );
  }

  override ping(payload: string): void {
    this.#order({ ping: payload });
  }

  close(code: number, reason: string): void {
    this.#order({ close: [code, reason] });
  }

  /** Ends the program, which need not have had a connection. */
  override async [Symbol.asyncDispose](): Promise<void> {
    // It ends with its input. It may have ended before.
    await this.#orders.close().catch(() => {});
    await this.#done;
  }

  #order(order: unknown): void {
    const line = new TextEncoder().encode(JSON.stringify(order) + "\n");
    // Who has ended takes no orders; the tests see that it has.
    this.#orders.write(line).catch(() => {});
  }

  async #listen(): Promise<void> {
    const errors = new Response(this.#child.stderr).text();
    let rest = "";
    const { stdout } = this.#child;
    for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    await this.#child.status;
    const failure = new Error(`The program has ended: ${await errors}`);
    for (const { promise, reject } of [this.#opening, this.#port]) {
      promise.catch(() => {});
      reject(failure);
    }
    this.end([1006, failure.message]);
  }

  #take(told: Told): void {
    if ("listening" in told) this.#port.resolve(told.listening);
    else if ("text" in told) this.messages.push(told.text);
    else if ("binary" in told) this.messages.push(decodeBase64(told.binary));
    else if ("pong" in told) this.pongs.push(told.pong);
    else if ("closed" in told) this.end(told.closed);
    else {
      this.protocol = told.open;
      this.#opening.resolve();
    }
  }
}

/** Starts a program that connects to a server. */
export async function connectProcess(
  program: string,
  args: readonly string[],
): Promise<ProcessPeer> {
  const peer = new ProcessPeer(program, args);
  await peer.opened;
  return peer;
}

/** Starts a program that listens, and accepts one connection. */
export async function listenProcess(
  program: string,
  args: readonly string[],
): Promise<PeerServer> {
  const peer = new ProcessPeer(program, args);
  const port = await peer.listening;
  return {
    url: `ws://127.0.0.1:${port}/`,
    async accept() {
      await peer.opened;
      return peer;
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}
