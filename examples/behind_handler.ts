/**
 * An upgrade beside a site that is there already: its handler stays as it is, and
 * one path becomes a WebSocket that tells the time.
 *
 * deno run --allow-net examples/behind_handler.ts
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { serve, upgradeWebSocket } from "../mod.ts";

/** The site as it was, a plain function that knows nothing of upgrades. */
function site(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname !== "/") return new Response("Not found\n", { status: 404 });
  return new Response(
    `<title>The time</title><p>One moment…</p>
<script>
  new WebSocket(location.href.replace("http", "ws") + "time").onmessage =
    ({ data }) => document.querySelector("p").textContent = data;
</script>`,
    { headers: { "content-type": "text/html; charset=utf-8" } },
  );
}

/** What is new: says the time at once and then each second. */
function time(request: Request): Response {
  const { socket, response } = upgradeWebSocket(request);
  const tell = () => void socket.send(new Date().toLocaleTimeString());
  tell();
  const timer = setInterval(tell, 1_000);
  socket.closed.then(() => clearInterval(timer));
  return response;
}

const { port } = parseArgs(Deno.args, { string: ["port"] });

const server = serve({ port: Number(port ?? 8005) }, (request) => {
  const { pathname } = new URL(request.url);
  return pathname === "/time" ? time(request) : site(request);
});

const { hostname, port: bound } = server.addr as Deno.NetAddr;
console.log(`Listening on http://${hostname}:${bound}/`);
