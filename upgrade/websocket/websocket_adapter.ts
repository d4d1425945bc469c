import { nextTurn } from "../_turn.ts";
import { CLOSE_CODE } from "./codes.ts";
import { READY_STATE, type ReadyState } from "./conn_driver.ts";
import type { WebSocketConn } from "./conn.ts";
import { WebSocketError } from "./errors.ts";
import { EventHandlers } from "./event_handlers.ts";
import { MAX_CONTROL_BYTES } from "./frame.ts";
import { payloadLength, type WebSocketMessage } from "./message.ts";
import { Buffer } from "node:buffer";

const MAX_REASON_BYTES = MAX_CONTROL_BYTES - 2;

/**
 * Gives a socket the interface of a browser's `WebSocket` (WHATWG), for code
 * that expects one: events in their order, each in a turn of its own, and errors
 * as `DOMException`s. It is no instance of the class, and not faster: who is free
 * to choose reads the socket itself.
 *
 * It begins as connecting, and `open` comes in a later turn, even if the socket
 * has been open before. `error` comes before each `close` that was not clean. What
 * a listener throws ends the process, as with any `EventTarget` of Deno.
 *
 * ```ts
 * import { serve, toWebSocket, upgradeWebSocket } from "../../mod.ts";
 *
 * await using server = serve({ port: 0 }, (request) => {
 *   const { socket, response } = upgradeWebSocket(request);
 *   const webSocket = toWebSocket(socket);
 *   webSocket.onmessage = (event) => webSocket.send(event.data);
 *   return response;
 * });
 * ```
 *
 * Throws a `TypeError` when the messages of the socket are already being read.
 */
export function toWebSocket(socket: WebSocketConn): WebSocket {
  return new WebSocketAdapter(socket);
}

class WebSocketAdapter extends EventTarget implements WebSocket {
  readonly CONNECTING: 0 = READY_STATE.connecting;
  readonly OPEN: 1 = READY_STATE.open;
  readonly CLOSING: 2 = READY_STATE.closing;
  readonly CLOSED: 3 = READY_STATE.closed;

  readonly #socket: WebSocketConn;
  readonly #handlers = new EventHandlers(this);
  readonly #origin: string;
  // Settles when the `open` event is over, or will never come.
  readonly #opening: Promise<void>;
  #binaryType: BinaryType = "blob";
  #wasOpen = false;
  #wasClosed = false;
  #isClosing = false;
  // How much payload may still wait.
  #sentLength = 0;
  #droppedLength = 0;

  constructor(socket: WebSocketConn) {
    super();
    this.#socket = socket;
    this.#origin = new URL(socket.url).origin;
    socket.forEach((message) => this.#receive(message));
    this.#opening = this.#open();
    this.#finish();
  }

  get url(): string {
    return this.#socket.url;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get extensions(): string {
    return this.#socket.extensions;
  }

  get readyState(): ReadyState {
    if (this.#wasClosed) return READY_STATE.closed;
    if (this.#isClosing) return READY_STATE.closing;
    if (!this.#wasOpen) return READY_STATE.connecting;
    return this.#socket.readyState === READY_STATE.open
      ? READY_STATE.open
      : READY_STATE.closing;
  }

  get bufferedAmount(): number {
    return this.#takeStock() + this.#droppedLength;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  get onopen(): WebSocket["onopen"] {
    return this.#handlers.get("open");
  }

  set onopen(handler: WebSocket["onopen"]) {
    this.#handlers.set("open", handler);
  }

  get onmessage(): WebSocket["onmessage"] {
    return this.#handlers.get("message");
  }

  set onmessage(handler: WebSocket["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  get onerror(): WebSocket["onerror"] {
    return this.#handlers.get("error");
  }

  set onerror(handler: WebSocket["onerror"]) {
    this.#handlers.set("error", handler);
  }

  get onclose(): WebSocket["onclose"] {
    return this.#handlers.get("close");
  }

  set onclose(handler: WebSocket["onclose"]) {
    this.#handlers.set("close", handler);
  }

  send(given: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.readyState === READY_STATE.connecting) {
      throw new DOMException(
        "Cannot send: the socket is not open yet",
        "InvalidStateError",
      );
    }
    const data = isBinary(given) ? given : String(given);
    const length = data instanceof Blob ? data.size : payloadLength(data);
    if (this.readyState !== READY_STATE.open) {
      this.#droppedLength += length;
      return;
    }
    this.#sentLength = this.#takeStock() + length;
    this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    const words = reason === undefined ? "" : String(reason);
    const sent = code === undefined ? undefined : clamp(code);
    if (
      sent !== undefined && sent !== CLOSE_CODE.normal &&
      (sent < 3000 || sent > 4999)
    ) {
      throw new DOMException(
        `Cannot close: ${sent} is neither 1000 nor from 3000 to 4999`,
        "InvalidAccessError",
      );
    }
    if (Buffer.byteLength(words) > MAX_REASON_BYTES) {
      throw new DOMException(
        `Cannot close: the reason is over ${MAX_REASON_BYTES} bytes`,
        "SyntaxError",
      );
    }
    if (this.readyState >= READY_STATE.closing) return;
    this.#isClosing = true;
    // A Close frame that has a reason has a code.
    this.#socket.close(words === "" ? sent : sent ?? CLOSE_CODE.normal, words);
  }

  #takeStock(): number {
    // What the socket counts has the headers of frames, and what others sent.
    const most = this.#socket.bufferedAmount;
    return this.#sentLength = Math.min(this.#sentLength, most);
  }

  async #open(): Promise<void> {
    try {
      await this.#socket.opened;
    } catch {
      return;
    }
    await nextTurn();
    if (this.#isClosing) return;
    this.#wasOpen = true;
    this.dispatchEvent(new Event("open"));
  }

  async #receive(message: WebSocketMessage): Promise<void> {
    await this.#opening;
    if (this.readyState !== READY_STATE.open) return;
    const { isText, bytes } = message;
    const data = isText
      ? message.text()
      : this.#binaryType === "blob"
      ? new Blob([bytes])
      : bytes.slice().buffer;
    this.dispatchEvent(
      new MessageEvent("message", { data, origin: this.#origin }),
    );
    // Who listens may await something before it listens for the next one.
    await nextTurn();
  }

  async #finish(): Promise<void> {
    const { code, reason, wasClean, error } = await this.#socket.closed;
    await this.#opening;
    await nextTurn();
    this.#wasClosed = true;
    // A socket that was closed before it was open has failed to open.
    const failed = !wasClean || !this.#wasOpen;
    if (failed) {
      const message = error instanceof Error ? error.message : "";
      this.dispatchEvent(new ErrorEvent("error", { error, message }));
    }
    // RFC 6455 §7.1.5: the code is what the peer has sent, and never this side's.
    const isOwn = failed && (!this.#wasOpen || error instanceof WebSocketError);
    this.dispatchEvent(
      new CloseEvent("close", {
        wasClean: !failed,
        code: isOwn ? CLOSE_CODE.abnormal : code,
        reason: isOwn ? "" : reason,
      }),
    );
  }
}

function isBinary(
  data: unknown,
): data is ArrayBufferLike | Blob | ArrayBufferView {
  return data instanceof Blob || ArrayBuffer.isView(data) ||
    data instanceof ArrayBuffer || data instanceof SharedArrayBuffer;
}

/** As WebIDL's `[Clamp] unsigned short`. */
function clamp(code: number): number {
  return Math.round(Math.min(Math.max(Number(code) || 0, 0), 0xffff));
}
