import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { WebSocketHandshakeError } from "../../../upgrade/websocket/client_handshake.ts";
import { ConnectAttempt } from "../../../upgrade/websocket/connect_attempt.ts";
import { closed } from "../_peer.ts";
import { withAnswering } from "./_answering.ts";

/** Runs a test with a connection whose peer waits for it to be closed. */
function withConn(test: (conn: Deno.Conn) => void): Promise<void> {
  return withAnswering(closed, async ({ port }) => {
    test(await Deno.connect({ hostname: "127.0.0.1", port }));
  });
}

Deno.test("own() throws when the attempt is over, and the connection is closed", async () => {
  await withConn((conn) => {
    const reason = new Error("over");
    using attempt = new ConnectAttempt({ signal: AbortSignal.abort(reason) });
    assertStrictEquals(assertThrows(() => attempt.own(conn)), reason);
  });
});

Deno.test("own() has the connection closed when the attempt is aborted later", async () => {
  await withConn((conn) => {
    const controller = new AbortController();
    using attempt = new ConnectAttempt({ signal: controller.signal });
    attempt.own(conn);
    controller.abort();
    assertThrows(() => conn.close(), Deno.errors.BadResource);
  });
});

Deno.test("release() leaves the connection open, unless the attempt is over", async () => {
  await withConn((conn) => {
    {
      using attempt = new ConnectAttempt({});
      attempt.own(conn);
      attempt.release();
    }
    conn.close();
  });
  await withConn((conn) => {
    const controller = new AbortController();
    using attempt = new ConnectAttempt({ signal: controller.signal });
    attempt.own(conn);
    controller.abort();
    assertThrows(() => attempt.release(), DOMException);
  });
});

Deno.test("explain() prefers the signal's reason, then an answer, then the time limit", () => {
  const late = new WebSocketHandshakeError("handshake_timeout");
  const other = new Error("other");
  const controller = new AbortController();
  using attempt = new ConnectAttempt({ signal: controller.signal });
  assertStrictEquals(attempt.explain(other), other);
  assertStrictEquals(attempt.explain(late), late);
  controller.abort("enough");
  assertEquals(attempt.explain(late), "enough");
});

Deno.test("[Symbol.dispose]() lets go of the signal", () => {
  const controller = new AbortController();
  const attempt = new ConnectAttempt({ signal: controller.signal });
  attempt[Symbol.dispose]();
  controller.abort();
  assertEquals(attempt.signal.aborted, false);
});
