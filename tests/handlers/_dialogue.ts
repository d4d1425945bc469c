/** Deno's own WebSocket, read message by message. */
export class Dialogue {
  readonly socket: WebSocket;
  /** Resolves to the close event. */
  readonly closed: Promise<CloseEvent>;
  readonly #incoming: MessageEvent["data"][] = [];
  #arrived = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      this.#incoming.push(data);
      this.#arrived.resolve();
    };
    const closed = Promise.withResolvers<CloseEvent>();
    this.closed = closed.promise;
    socket.onclose = (event) => {
      closed.resolve(event);
      this.#arrived.reject(new Error(`closed with ${event.code}`));
    };
    this.#arrived.promise.catch(() => {});
  }

  /** Opens a WebSocket and waits until it is open. */
  static async open(
    url: string,
    protocols: string | string[] = [],
  ): Promise<Dialogue> {
    const socket = new WebSocket(url, protocols);
    const dialogue = new Dialogue(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = (event) => reject(event);
    });
    socket.onerror = null;
    return dialogue;
  }

  /** The next message; rejects when the socket closes first. */
  async next(): Promise<MessageEvent["data"]> {
    while (this.#incoming.length === 0) {
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers();
      this.#arrived.promise.catch(() => {});
    }
    return this.#incoming.shift();
  }

  /** Closes and waits for the end. */
  async close(): Promise<CloseEvent> {
    this.socket.close();
    return await this.closed;
  }
}
