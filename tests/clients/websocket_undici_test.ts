import { Buffer } from "node:buffer";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
// @ts-types="./undici.d.ts"
import { Agent, ping, WebSocket } from "undici";
import { testClients } from "./_websocket_clients.ts";
import { type Data, LocalPeer, SUBPROTOCOL } from "./_websocket_peer.ts";

const PONG = "undici:websocket:pong";

interface PongMessage {
  readonly websocket: WebSocket;
  readonly payload: Uint8Array;
}

class UndiciPeer extends LocalPeer {
  readonly #dispatcher = new Agent();
  readonly #socket: WebSocket;
  readonly opened: Promise<void>;

  constructor(url: string) {
    super();
    const socket = new WebSocket(url, {
      protocols: ["other", SUBPROTOCOL],
      dispatcher: this.#dispatcher,
    });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) =>
      this.messages.push(
        typeof data === "string" ? data : new Uint8Array(data),
      );
    socket.onclose = ({ code, reason }) => this.end([code, reason]);
    this.opened = new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    this.#socket = socket;
    subscribe(PONG, this.#onPong);
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(data: Data): void {
    this.#socket.send(data);
  }

  override ping(payload: string): void {
    ping(this.#socket, Buffer.from(payload));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    unsubscribe(PONG, this.#onPong);
    await this.#dispatcher.close();
  }

  readonly #onPong = (message: unknown) => {
    const { websocket, payload } = message as PongMessage;
    if (websocket !== this.#socket) return;
    this.pongs.push(new TextDecoder().decode(payload));
  };
}

testClients({
  name: "npm:undici",
  pings: true,
  deflate: "inflates",
  closesAsWhatwg: true,
  keeps: "one timer for all of its connections",
  async connect(url) {
    const peer = new UndiciPeer(url);
    await peer.opened;
    return peer;
  },
});
