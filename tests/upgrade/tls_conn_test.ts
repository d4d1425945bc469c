import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { createSecureContext } from "node:tls";
import { TlsServerConn } from "../../upgrade/_tls_conn.ts";
import { connect, RawSocket } from "../_raw_socket.ts";
import { connectTls, PAIR } from "./_tls.ts";

const utf8 = new TextEncoder();

/** Accepts one connection; the client's side is `open`'s. */
async function accept<T>(
  open: (port: number) => Promise<T>,
): Promise<{ conn: TlsServerConn; client: T }> {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  const accepted = listener.accept().then((tcp) =>
    new TlsServerConn(tcp, createSecureContext(PAIR))
  );
  const client = await open(port);
  return { conn: await accepted, client };
}

/** Two ends that have shaken hands. */
async function pair(): Promise<{ conn: TlsServerConn; client: RawSocket }> {
  const { conn, client } = await accept(connectTls);
  // The client is done before the server is.
  await conn.handshake();
  return { conn, client: new RawSocket(client) };
}

Deno.test("TlsServerConn.handshake() tells the protocol that was agreed on", async () => {
  const { conn, client } = await accept((port) =>
    connectTls(port, ["http/1.1"])
  );
  using _client = client;
  assertEquals(await conn.handshake(), { alpnProtocol: "http/1.1" });
  conn.close();
  await conn.ended;
});

Deno.test("TlsServerConn.handshake() rejects when the client speaks no TLS", async () => {
  const { conn, client } = await accept(connect);
  using socket = client;
  await socket.send("hello");
  await assertRejects(() => conn.handshake(), Deno.errors.ConnectionReset);
  await assertRejects(
    () => conn.read(new Uint8Array(1)),
    Deno.errors.ConnectionReset,
  );
  await conn.ended;
});

Deno.test("TlsServerConn.read() brings bytes in the order of its calls when several wait", async () => {
  const { conn, client } = await pair();
  using socket = client;
  const targets = [new Uint8Array(2), new Uint8Array(2), new Uint8Array(2)];
  const reads = targets.map((target) => conn.read(target));
  await socket.send("abcd");
  assertEquals(await Promise.all(reads.slice(0, 2)), [2, 2]);
  await socket.send("ef");
  assertEquals(await reads[2], 2);
  const read = targets.map((target) => new TextDecoder().decode(target));
  assertEquals(read, ["ab", "cd", "ef"]);
  conn.close();
  await conn.ended;
});

Deno.test("TlsServerConn.read() reads in parts what has come at once, then null", async () => {
  const { conn, client } = await pair();
  using socket = client;
  await socket.send("abcde");
  await socket.closeWrite();
  const target = new Uint8Array(2);
  const parts: string[] = [];
  for (;;) {
    const read = await conn.read(target);
    if (read === null) break;
    parts.push(new TextDecoder().decode(target.subarray(0, read)));
  }
  assertEquals(parts, ["ab", "cd", "e"]);
  // The other direction is still open.
  await conn.write(utf8.encode("fgh"));
  await conn.closeWrite();
  assertEquals(await socket.readTextToEnd(), "fgh");
  conn.close();
  await conn.ended;
});

Deno.test("TlsServerConn.read() rejects when it is closed meanwhile", async () => {
  const { conn, client } = await pair();
  using _socket = client;
  const read = conn.read(new Uint8Array(1));
  conn.close();
  await assertRejects(() => read, Deno.errors.BadResource);
  await assertRejects(
    () => conn.write(new Uint8Array(1)),
    Deno.errors.BadResource,
  );
  await conn.ended;
});

Deno.test("TlsServerConn.write() waits for a slow reader", async () => {
  const { conn, client } = await pair();
  using socket = client;
  const bytes = new Uint8Array(20_000_000);
  let written = false;
  const write = conn.write(bytes).then(() => written = true);
  await socket.readExactly(1);
  assertEquals(written, false);
  const target = new Uint8Array(0x10000);
  let read = (await socket.conn.read(target))!;
  while (!written) read += (await socket.conn.read(target))!;
  assert(read > bytes.length / 2);
  await write;
  conn.close();
  await conn.ended;
});

Deno.test("TlsServerConn.close() lets what was written leave, and says goodbye", async () => {
  const { conn, client } = await pair();
  using socket = client;
  const write = conn.write(utf8.encode("last words"));
  conn.close();
  await write;
  assertEquals(await socket.readTextToEnd(), "last words");
  await conn.ended;
});

Deno.test("TlsServerConn.close() cuts a peer that reads nothing", async () => {
  const { conn, client } = await pair();
  using _socket = client;
  const write = conn.write(new Uint8Array(50_000_000));
  const start = performance.now();
  conn.close();
  await assertRejects(() => write, Deno.errors.ConnectionReset);
  await conn.ended;
  assertLess(performance.now() - start, 3_000);
});

Deno.test("TlsServerConn.close() cuts a handshake at once", async () => {
  const { conn, client } = await accept(connect);
  using socket = client;
  const start = performance.now();
  conn.close();
  assertEquals(await socket.readTextToEnd(), "");
  assertLess(performance.now() - start, 500);
  await conn.ended;
});

Deno.test("TlsServerConn has the two streams of a connection", async () => {
  const { conn, client } = await pair();
  using socket = client;
  await socket.send("there and back");
  await socket.closeWrite();
  await conn.readable.pipeTo(conn.writable);
  assertEquals(await socket.readTextToEnd(), "there and back");
  {
    using closing = conn;
    assert(!closing.isClosed);
  }
  await conn.ended;
});
