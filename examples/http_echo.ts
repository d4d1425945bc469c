/**
 * Answers every method and path with 200 and the request's body, after reading
 * it whole.
 *
 * deno run --allow-net examples/http_echo.ts --port 8001
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { serve } from "../mod.ts";

const { port } = parseArgs(Deno.args, { string: ["port"] });

const server = serve({ port: Number(port ?? 8001) }, async (request) => {
  return new Response(await request.bytes());
});

console.log(`Echoing on port ${(server.addr as Deno.NetAddr).port}`);
