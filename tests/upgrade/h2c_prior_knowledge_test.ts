import { assertEquals, assertStringIncludes } from "@std/assert";
import { PREFACE } from "../../upgrade/http2/preface.ts";
import { serveConn } from "../../upgrade/mod.ts";
import { connect, RawSocket } from "../_raw_socket.ts";
import {
  CODE,
  concat,
  frame,
  Http2Peer,
  opening,
  request,
  TYPE,
} from "./_http2_peer.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";
import { connectTls, PAIR } from "./_tls.ts";

const HTTP2 = { h2c: true };
const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const hello = () => new Response("hello");

Deno.test("serve() speaks HTTP/2 from the first byte on, wherever that is cut", async () => {
  const bytes = concat([opening(), request(1)]);
  await withServer(hello, async ({ port }) => {
    for (let at = 0; at <= bytes.length; at++) {
      using peer = new Http2Peer(await connect(port));
      await peer.send(bytes.subarray(0, at));
      await peer.send(bytes.subarray(at));
      assertEquals(await peer.readAnswer(1), "hello");
    }
  }, HTTP2);
});

Deno.test("serve() takes the preface byte by byte", async () => {
  await withServer(hello, async ({ port }) => {
    using peer = new Http2Peer(await connect(port));
    await peer.socket.sendBytewise(concat([opening(), request(1)]));
    assertEquals(await peer.readAnswer(1), "hello");
  }, HTTP2);
});

Deno.test("serve() reads HTTP/1.1 that begins like the preface, wherever that is cut", async () => {
  const target = "PR / HTTP/1.1\r\nHost: x\r\n\r\n";
  await withServer(
    (request) => new Response(request.method),
    async ({ port }) => {
      for (let at = 1; at < 8; at++) {
        using socket = await connect(port);
        await socket.send(target.slice(0, at));
        await socket.send(target.slice(at) + GET);
        assertEquals((await readResponse(socket)).body, "PR");
        assertEquals((await readResponse(socket)).body, "GET");
      }
    },
    HTTP2,
  );
});

Deno.test("serve() refuses the preface with 505 when h2c is off, on TLS, and after a request", async () => {
  await withServer(hello, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(opening());
    assertEquals((await readResponse(socket)).status, 505);
  });
  await withServer(hello, async ({ port }) => {
    using socket = new RawSocket(await connectTls(port));
    await socket.send(opening());
    assertEquals((await readResponse(socket)).status, 505);
  }, { ...HTTP2, ...PAIR });
  await withServer(hello, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(concat([GET, opening()]));
    assertEquals((await readResponse(socket)).status, 200);
    assertEquals((await readResponse(socket)).status, 505);
  }, HTTP2);
});

Deno.test("serve() gives the preface as long as a head: silence is closed, half of it 408", async () => {
  await withServer(hello, async ({ port }) => {
    using silent = await connect(port);
    await assertEnds(silent);
    using slow = await connect(port);
    await slow.send(PREFACE.subarray(0, 20));
    assertEquals((await readResponse(slow)).status, 408);
    await assertEnds(slow);
  }, { ...HTTP2, headTimeout: 100 });
});

Deno.test("serve() closes in peace when the client leaves within the preface or after it", async () => {
  await withServer(hello, async ({ port }) => {
    for (const at of [0, 1, 12, 24, 30, 33]) {
      using socket = await connect(port);
      await socket.send(opening().subarray(0, at));
      await socket.closeWrite();
      await socket.readToEnd();
    }
  }, HTTP2);
});

Deno.test("serve() tells a client by GOAWAY what is wrong, and nobody else", async () => {
  await withServer(hello, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(frame(TYPE.data, { payload: new Uint8Array(1) }));
    assertEquals(await peer.readGoaway(), CODE.protocolError);
    await assertEnds(peer.socket);
  }, HTTP2);
});

Deno.test("serveConn() speaks HTTP/2 on a unix socket", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  using listener = Deno.listen({ transport: "unix", path });
  const [conn, accepted] = await Promise.all([
    Deno.connect({ transport: "unix", path }),
    listener.accept(),
  ]);
  const left = serveConn(
    accepted,
    (request) => new Response(request.url),
    HTTP2,
  );
  const peer = new Http2Peer(new RawSocket(conn as unknown as Deno.TcpConn));
  await peer.send(opening(), request(1));
  await left;
  assertStringIncludes(await peer.readAnswer(1), "http://x/");
  await peer.socket.closeWrite();
  await peer.socket.readToEnd();
  peer[Symbol.dispose]();
  await Deno.remove(folder, { recursive: true });
});
