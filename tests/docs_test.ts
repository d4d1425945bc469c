import { assertEquals } from "@std/assert";
import { STORE_ERRORS } from "../handlers/chat/mod.ts";
import { TUNNEL_ERRORS } from "../handlers/tunnel.ts";
import {
  CLIENT_HANDSHAKE_ERRORS,
  EXTENSION_ERRORS,
  HANDSHAKE_ERRORS,
  HTTP_ERRORS,
  RESPONSE_ERRORS,
  SERVER_ERRORS,
  UPGRADE_ERRORS,
  WEBSOCKET_ERRORS,
} from "../mod.ts";

/** The cells of a page's tables whose first cell is code. */
async function rowsOf(page: string): Promise<string[][]> {
  const text = await Deno.readTextFile(new URL(`../${page}`, import.meta.url));
  return text.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
    line.slice(1, -1).split("|").map((cell) => cell.trim().replaceAll("`", ""))
  );
}

Deno.test("docs/errors.md lists every code with its consequence and cause", async () => {
  const expected = [
    ...Object.entries({ ...HTTP_ERRORS, ...HANDSHAKE_ERRORS }).map(
      ([code, { status, message }]) => [code, `${status}`, message],
    ),
    ...Object.entries(WEBSOCKET_ERRORS).map(
      ([code, [closeCode, message]]) => [code, `${closeCode}`, message],
    ),
    ...Object.entries(RESPONSE_ERRORS),
    ...Object.entries(CLIENT_HANDSHAKE_ERRORS),
    ...Object.entries(EXTENSION_ERRORS),
    ...Object.entries(UPGRADE_ERRORS),
    ...Object.entries(TUNNEL_ERRORS).map(
      ([code, { status, message }]) => [code, `${status}`, message],
    ),
    ...Object.entries(SERVER_ERRORS),
    ...Object.entries(STORE_ERRORS),
  ];
  assertEquals(await rowsOf("docs/errors.md"), expected);
});
