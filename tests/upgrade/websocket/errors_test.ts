import { assert, assertEquals } from "@std/assert";
import { isSendableCloseCode } from "../../../upgrade/websocket/codes.ts";
import {
  WEBSOCKET_ERRORS,
  WebSocketError,
  type WebSocketErrorCode,
} from "../../../upgrade/websocket/errors.ts";

const CODES = Object.keys(WEBSOCKET_ERRORS) as WebSocketErrorCode[];

Deno.test("WebSocketError() has the code, close code and words of its table", () => {
  for (const code of CODES) {
    const error = new WebSocketError(code);
    const [closeCode, message] = WEBSOCKET_ERRORS[code];
    assertEquals(error.code, code);
    assertEquals(error.closeCode, closeCode);
    assertEquals(error.message, message);
    assertEquals(error.name, "WebSocketError");
  }
});

Deno.test("WEBSOCKET_ERRORS fit into a Close frame", () => {
  for (const [closeCode, message] of Object.values(WEBSOCKET_ERRORS)) {
    assert(isSendableCloseCode(closeCode));
    assert(new TextEncoder().encode(message).length <= 123, message);
  }
});
