/**
 * Down to the raw socket: what onUpgrade() gives is taken apart into the socket
 * itself and the bytes that the client sent too early, together with its request.
 *
 * deno run --allow-net examples/downcast.ts
 *
 * @module
 */

import { isTcpConn, onUpgrade, serve } from "../mod.ts";

const text = new TextDecoder();
const bytes = new TextEncoder();

await using server = serve({ port: 0 }, (request) => {
  onUpgrade(request).then(async (upgraded) => {
    const { io, readBuf } = upgraded.downcast();
    // From here on the socket is ours alone to close.
    using socket = io;
    console.log(`It came early: ${text.decode(readBuf)}`);
    if (isTcpConn(socket)) {
      socket.setKeepAlive(true);
      console.log("The socket is one of TCP");
    }
    const rest = await new Response(socket.readable).text();
    console.log(`It came after that: ${rest}`);
  }).catch((error) => console.error(error.message));
  const headers = { connection: "upgrade", upgrade: "lines" };
  return new Response(null, { status: 101, headers });
});

const { port } = server.addr as Deno.NetAddr;
using conn = await Deno.connect({ port });
// One write, and so the first words come before the server has answered.
await conn.write(bytes.encode(
  "GET / HTTP/1.1\r\nHost: example\r\n" +
    "Connection: upgrade\r\nUpgrade: lines\r\n\r\nfirst words",
));
const head = new Uint8Array(1024);
const length = await conn.read(head);
console.log(text.decode(head.subarray(0, length ?? 0)).split("\r\n")[0]);
await conn.write(bytes.encode("more words"));
await conn.closeWrite();
