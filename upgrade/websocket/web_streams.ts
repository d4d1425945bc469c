import { WebSocketClosedError } from "./close_info.ts";
import type { WebSocketConn } from "./conn.ts";
import { READY_STATE } from "./conn_driver.ts";
import type { ReceivedData } from "./inbox.ts";
import type { WebSocketSource } from "./message.ts";

/** The messages of a socket as a stream, read by an iterator of theirs. */
export function readableOf(
  socket: WebSocketConn,
  messages: AsyncIterator<ReceivedData, undefined>,
): ReadableStream<ReceivedData> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await messages.next();
      if (!done) return controller.enqueue(value);
      const info = await socket.closed;
      if (info.wasClean) controller.close();
      else controller.error(new WebSocketClosedError("read", info));
    },
    cancel: (reason) => closeFor(socket, reason),
  }, { highWaterMark: 0 });
}

/** A stream whose pieces a socket sends as messages. */
export function writableOf(
  socket: WebSocketConn,
): WritableStream<WebSocketSource> {
  const fail = async () => {
    throw new WebSocketClosedError("write", await socket.closed);
  };
  return new WritableStream({
    start(controller) {
      fail().catch((error) => controller.error(error));
    },
    async write(data) {
      if (socket.readyState >= READY_STATE.closing) await fail();
      await socket.send(data);
    },
    async close() {
      socket.close();
      if (!(await socket.closed).wasClean) await fail();
    },
    abort: (reason) => closeFor(socket, reason),
  });
}

/** Closes with the code and reason that a `WebSocketError` has, or with none. */
function closeFor(socket: WebSocketConn, error: unknown): void {
  const { closeCode, reason } = Object(error);
  try {
    socket.close(closeCode ?? undefined, reason);
  } catch (refused) {
    // Whatever was given is no code or reason that may be sent.
    if (!(refused instanceof RangeError)) throw refused;
    socket.close();
  }
}
