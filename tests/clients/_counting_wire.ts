/** A wire to a server that counts what goes over it. */
export class CountingWire implements Disposable {
  /** The bytes that clients have sent. */
  up = 0;
  /** The bytes that the server has sent. */
  down = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #server: URL;

  /** A wire to the server of this URL. */
  constructor(server: string) {
    this.#server = new URL(server);
    this.#accept();
  }

  /** The server's URL by way of the wire. */
  get url(): string {
    const url = new URL(this.#server);
    url.port = `${this.#listener.addr.port}`;
    return url.href;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#join(client);
  }

  async #join(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({
      hostname: this.#server.hostname,
      port: Number(this.#server.port),
    });
    const up = count((length) => this.up += length);
    const down = count((length) => this.down += length);
    // Who resets a connection that is over has nothing to tell.
    await Promise.allSettled([
      client.readable.pipeThrough(up).pipeTo(server.writable),
      server.readable.pipeThrough(down).pipeTo(client.writable),
    ]);
  }
}

function count(
  note: (length: number) => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(bytes, controller) {
      note(bytes.length);
      controller.enqueue(bytes);
    },
  });
}
