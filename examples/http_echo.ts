/**
 * Answers every method and path with 200 and the request's body, after reading
 * it whole.
 *
 * deno run --allow-net examples/http_echo.ts --port 8001
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { onUpgrade, serve } from "../mod.ts";

const { port } = parseArgs(Deno.args, { string: ["port"] });

const server = serve({ port: Number(port ?? 8001) }, async (request) => {
  // 200 to CONNECT opens a tunnel; this one leads nowhere.
  if (request.method === "CONNECT") {
    onUpgrade(request).then((conn) => conn.close(), () => {});
  }
  return new Response(await request.bytes());
});

console.log(`Echoing on port ${(server.addr as Deno.NetAddr).port}`);
