/**
 * A protocol of your own, server and client: after the upgrade the client sends
 * foo=bar, and the server answers bar=foo.
 *
 * deno run --allow-net examples/custom_protocol.ts
 *
 * @module
 */

import { onUpgrade, sendRequest, serve } from "../mod.ts";

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const writer = conn.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  // Ends the sending direction: the peer reads the end of the stream.
  await writer.close();
}

await using server = serve({ port: 0 }, (request) => {
  if (request.headers.get("upgrade") !== "foobar") {
    return new Response("This server speaks foobar.", { status: 400 });
  }
  // Not awaited here: the connection comes after the response below.
  onUpgrade(request).then(async (upgraded) => {
    using conn = upgraded;
    const text = await new Response(conn.readable).text();
    console.log(`The server reads ${text}`);
    await send(conn, text.split("=").reverse().join("="));
  }).catch((error) => console.error(error.message));
  const headers = { connection: "upgrade", upgrade: "foobar" };
  return new Response(null, { status: 101, headers });
});

const { hostname, port } = server.addr as Deno.NetAddr;
const request = new Request(`http://${hostname}:${port}/`, {
  headers: { connection: "upgrade", upgrade: "foobar" },
});
const response = await sendRequest(await Deno.connect({ port }), request);
console.log(`The answer is ${response.status} ${response.statusText}`);

using conn = await onUpgrade(response);
await send(conn, "foo=bar");
console.log(`The client reads ${await new Response(conn.readable).text()}`);
