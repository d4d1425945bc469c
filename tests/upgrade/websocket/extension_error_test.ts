import { assertEquals, assertMatch } from "@std/assert";
import {
  EXTENSION_ERRORS,
  ExtensionError,
  type ExtensionErrorCode,
} from "../../../upgrade/websocket/extension_error.ts";

Deno.test("ExtensionError() has the code and words of its table", () => {
  const codes = Object.keys(EXTENSION_ERRORS) as ExtensionErrorCode[];
  for (const code of codes) {
    const error = new ExtensionError(code);
    assertEquals(error.name, "ExtensionError");
    assertEquals(error.code, code);
    assertEquals(error.message, EXTENSION_ERRORS[code]);
    assertMatch(error.message, /^The server .+\.$|^The server's .+\.$/);
  }
});
