/**
 * A forward proxy: makes tunnels with CONNECT to the hosts and ports that are
 * allowed. Try it with curl -x http://127.0.0.1:8004 https://example.com/
 *
 * deno run --allow-net examples/connect_proxy.ts --allow "*:443"
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { createTunnel } from "../handlers/tunnel.ts";
import { serve } from "../mod.ts";

const options = parseArgs(Deno.args, { string: ["port", "allow", "private"] });
const listOf = (value: unknown) => value ? String(value).split(",") : [];

const tunnel = createTunnel({
  allow: listOf(options.allow),
  // This machine and its network are out of reach unless their networks are here.
  allowPrivate: listOf(options.private),
  onEnd: ({ authority, sent, received }) =>
    console.log(`${authority}: ${sent} bytes there, ${received} bytes back`),
});

const server = serve({ port: Number(options.port ?? 8004) }, tunnel);

const { hostname, port } = server.addr as Deno.NetAddr;
console.log(`Listening on http://${hostname}:${port}`);
