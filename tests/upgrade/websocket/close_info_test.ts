import { assert, assertEquals } from "@std/assert";
import { WebSocketClosedError } from "../../../upgrade/websocket/mod.ts";

Deno.test("WebSocketClosedError tells what cannot be done, how it ended, and why", () => {
  const cause = new Error("reset");
  const error = new WebSocketClosedError("read", {
    code: 4000,
    reason: "bye",
    wasClean: false,
    error: cause,
  });
  assertEquals(
    error.message,
    "Cannot read: the connection has ended with 4000: bye",
  );
  assertEquals(
    [error.name, error.code, error.closeCode, error.reason, error.cause],
    ["WebSocketClosedError", "websocket_closed", 4000, "bye", cause],
  );
});

Deno.test("WebSocketClosedError has no cause when nothing failed", () => {
  const info = { code: 1006, reason: "", wasClean: false };
  const error = new WebSocketClosedError("write", info);
  assertEquals(
    error.message,
    "Cannot write: the connection has ended with 1006",
  );
  assert(!("cause" in error));
});
