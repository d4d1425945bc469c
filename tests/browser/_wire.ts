/** A wire between a browser and the server that can be made to fail. */
export class Wire implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #server: URL;
  readonly #conns = new Set<Deno.Conn>();
  #silent = false;

  /** A wire to the server that listens there. */
  constructor(server: URL) {
    this.#server = server;
    this.#accept();
  }

  /** The server's address by way of the wire. */
  get url(): URL {
    const url = new URL(this.#server);
    url.port = String(this.#listener.addr.port);
    return url;
  }

  /** From now on loses what browsers send, without a sign of it. */
  silence(): void {
    this.#silent = true;
  }

  /** Cuts all connections, and is whole again for new ones. */
  cut(): void {
    this.#silent = false;
    for (const conn of this.#conns) close(conn);
    this.#conns.clear();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    this.cut();
  }

  async #accept(): Promise<void> {
    for await (const browser of this.#listener) this.#join(browser);
  }

  async #join(browser: Deno.Conn): Promise<void> {
    const server = await Deno.connect({
      hostname: this.#server.hostname,
      port: Number(this.#server.port),
    });
    this.#conns.add(browser).add(server);
    const gate = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        if (!this.#silent) controller.enqueue(bytes);
      },
    });
    // A cut ends both ways with an error, which is what was wanted.
    await Promise.allSettled([
      browser.readable.pipeThrough(gate).pipeTo(server.writable),
      server.readable.pipeTo(browser.writable),
    ]);
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Its streams have closed it.
  }
}
