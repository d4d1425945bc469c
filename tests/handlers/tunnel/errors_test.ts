import { assertEquals } from "@std/assert";
import {
  TUNNEL_ERRORS,
  tunnelError,
  type TunnelErrorCode,
} from "../../../handlers/tunnel/errors.ts";

Deno.test("tunnelError() has the status, the sentence and the field of its code", () => {
  const cause = new Error("Connection refused");
  for (const [code, told] of Object.entries(TUNNEL_ERRORS)) {
    const error = tunnelError(code as TunnelErrorCode, cause);
    const { status, message } = error;
    assertEquals({ status, message }, told);
    assertEquals(error.code, code);
    assertEquals(error.cause, cause);
    assertEquals(error.headers, [
      ["Proxy-Status", `switchboard; error=${code}`],
    ]);
  }
});
