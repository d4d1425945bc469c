import { testClients } from "./_websocket_clients.ts";
import { type Data, LocalPeer, SUBPROTOCOL } from "./_websocket_peer.ts";

/** The part of Deno's WebSocketStream, which `--unstable-net` gives. */
declare class WebSocketStream {
  constructor(url: string, options: { protocols: string[] });
  readonly opened: Promise<Opening>;
  readonly closed: Promise<{ closeCode: number; reason: string }>;
  close(info: { closeCode: number; reason: string }): void;
}

interface Opening {
  readonly protocol: string;
  readonly readable: ReadableStream<Data>;
  readonly writable: WritableStream<Data>;
}

class StreamPeer extends LocalPeer {
  readonly protocol: string;
  readonly #stream: WebSocketStream;
  readonly #writer: WritableStreamDefaultWriter<Data>;

  constructor(stream: WebSocketStream, opening: Opening) {
    super();
    this.protocol = opening.protocol;
    this.#stream = stream;
    this.#writer = opening.writable.getWriter();
    stream.closed.then(({ closeCode, reason }) =>
      this.end([closeCode, reason])
    );
    this.#read(opening.readable);
  }

  send(data: Data): void {
    this.#writer.write(data);
  }

  close(code: number, reason: string): void {
    this.#stream.close({ closeCode: code, reason });
  }

  async #read(readable: ReadableStream<Data>): Promise<void> {
    for await (const message of readable) this.messages.push(message);
  }
}

testClients({
  name: "Deno's WebSocketStream",
  pings: false,
  deflate: "none",
  closesAsWhatwg: true,
  keeps: "a timer after a close of its own",
  async connect(url) {
    const stream = new WebSocketStream(url, {
      protocols: ["other", SUBPROTOCOL],
    });
    return new StreamPeer(stream, await stream.opened);
  },
});
