// What is spoken in _aborted_upgrades.ts once HTTP/1.1 has been left, by the server
// itself or by what its tunnels lead to.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Upgraded } from "../../upgrade/mod.ts";
import { count, oneOf, run, someTurns } from "./_aborted_ledger.ts";

/** Speaks on a connection, which is closed then. */
export type Protocol = (conn: Upgraded) => Promise<unknown> | void;

/** Says what it hears. */
export const echo: Protocol = (conn) => conn.readable.pipeTo(conn.writable);

/** Says nothing. */
export const close: Protocol = () => {};

/** With bytes left unread, closing resets a unix socket. */
export const readOnce: Protocol = (conn) => conn.read(new Uint8Array(1));

/** Says a lot, maybe to nobody. */
export const speakAndClose: Protocol = (conn) =>
  conn.write(new Uint8Array(1 << 16));

/** Ends its direction first. */
export const endDirection: Protocol = async (conn) => {
  await conn.closeWrite();
  await readToEnd(conn);
};

const greet: Protocol = async (conn) => {
  await someTurns();
  await conn.write(new Uint8Array(100));
  await readToEnd(conn);
};

async function readToEnd(conn: Upgraded): Promise<void> {
  while (await conn.read(new Uint8Array(100)) !== null);
}

const PROTOCOLS = [echo, close, readOnce, speakAndClose, endDirection, greet];
const hostname = "127.0.0.1";

/** What the tunnels lead to, until it is disposed of. */
export class Targets implements Disposable {
  readonly #speaking = Deno.listen({ hostname, port: 0 });
  // Deno itself ends its direction before it closes: the peer reads the end.
  readonly #resetting = createServer((socket) => {
    count("tunnel begun");
    run("a target that resets", reset(socket));
  });

  /** Where they listen. */
  get ports(): readonly number[] {
    const { port } = this.#resetting.address() as AddressInfo;
    return [this.#speaking.addr.port, port];
  }

  /** Begins to take connections. */
  static async open(): Promise<Targets> {
    const targets = new Targets();
    const resetting = targets.#resetting.listen(0, hostname);
    await once(resetting, "listening");
    run("a target", targets.#speak());
    run("a target", once(resetting, "close"));
    return targets;
  }

  /** Takes no more of them; those that there are go on. */
  [Symbol.dispose](): void {
    this.#speaking.close();
    this.#resetting.close();
  }

  async #speak(): Promise<void> {
    for await (const io of this.#speaking) {
      count("tunnel begun");
      run("a target that speaks", speakOn(io));
    }
  }
}

async function speakOn(io: Deno.TcpConn): Promise<void> {
  using conn = new Upgraded({ io, readBuf: new Uint8Array(0) });
  await oneOf(PROTOCOLS)(conn);
}

async function reset(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await someTurns();
  socket.resetAndDestroy();
  await closed;
}
