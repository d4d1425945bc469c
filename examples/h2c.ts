/**
 * HTTP/2 without TLS beside HTTP/1.1 on one port; the handler is the same. Try it
 * with curl --http2 and curl --http2-prior-knowledge.
 *
 * deno run --allow-net examples/h2c.ts
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { serve } from "../mod.ts";

const { port } = parseArgs(Deno.args, { string: ["port"] });

const server = serve({ port: Number(port ?? 8006), h2c: true }, (request) => {
  const { pathname } = new URL(request.url);
  console.log(`${request.method} ${pathname}`);
  return new Response(`You asked for ${pathname}\n`);
});

const { hostname, port: bound } = server.addr as Deno.NetAddr;
console.log(`Listening on http://${hostname}:${bound}/`);
