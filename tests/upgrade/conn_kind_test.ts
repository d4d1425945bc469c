import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  type ConnListener,
  isTcpConn,
  isTlsConn,
  isUnixConn,
  type ListenOptions,
  onUpgrade,
  sendRequest,
  serve,
  Upgraded,
} from "../../mod.ts";
import { connectTls, PAIR } from "./_tls.ts";

/** What the three guards say, by name. */
function kindsOf(conn: Deno.Conn): string[] {
  const guards = { tcp: isTcpConn, tls: isTlsConn, unix: isUnixConn };
  return Object.entries(guards).filter(([, is]) => is(conn))
    .map(([name]) => name);
}

/** Uses what only the connection's own kind has: narrowed, it has it. */
async function use(io: Deno.Conn): Promise<string> {
  if (isTcpConn(io)) {
    io.setNoDelay(true);
    return `tcp ${io.remoteAddr.hostname}`;
  }
  if (isTlsConn(io)) {
    await io.handshake();
    return `tls ${io.remoteAddr.hostname}`;
  }
  if (isUnixConn(io)) return `unix ${io.localAddr.path ?? io.remoteAddr.path}`;
  return "none";
}

/** Where a server listens, and how a client gets there. */
interface Place {
  readonly kind: "tcp" | "tls" | "unix";
  readonly options: ListenOptions;
  readonly used: string;
  connect(port: number): Promise<Deno.Conn>;
}

// A name that is free: whoever listens removes the file again.
const path = Deno.makeTempFileSync({ suffix: ".sock" });
Deno.removeSync(path);

const PLACES: readonly Place[] = [
  {
    kind: "tcp",
    options: { port: 0 },
    used: "tcp 127.0.0.1",
    connect: (port) => Deno.connect({ hostname: "127.0.0.1", port }),
  },
  {
    kind: "tls",
    options: { port: 0, ...PAIR },
    used: "tls 127.0.0.1",
    connect: connectTls,
  },
  {
    kind: "unix",
    options: { path },
    used: `unix ${path}`,
    connect: () => Deno.connect({ transport: "unix", path }),
  },
];

for (const { kind, options, used, connect } of PLACES) {
  Deno.test(`is${kind[0]!.toUpperCase()}${kind.slice(1)}Conn() alone is true on both sides when the connection is ${kind}`, async () => {
    const handed = Promise.withResolvers<Upgraded>();
    await using server = serve(options, (request) => {
      onUpgrade(request).then(handed.resolve, handed.reject);
      return new Response(null, { status: 101, headers: { upgrade: "raw" } });
    });
    const conn = await connect((server.addr as Deno.NetAddr).port);
    const scheme = kind === "tls" ? "https" : "http";
    const request = new Request(`${scheme}://localhost/`, {
      headers: { upgrade: "raw" },
    });
    const ends = [
      await onUpgrade(await sendRequest(conn, request)),
      await handed.promise,
    ];
    for (const upgraded of ends) {
      assertEquals(kindsOf(upgraded), []);
      assertEquals(await use(upgraded), "none");
      const { io } = upgraded.downcast();
      assertEquals(kindsOf(io), [kind]);
      assertEquals(await use(io), used);
      io.close();
      assertEquals(kindsOf(io), [kind]);
    }
  });
}

Deno.test("isTlsConn() is true for what Deno.listenTls() accepts and what Deno.startTls() makes", async () => {
  using listener = Deno.listenTls({ port: 0, ...PAIR });
  const { port } = listener.addr;
  const accepted = listener.accept();
  using tcp = await Deno.connect({ port });
  assertEquals(kindsOf(tcp), ["tcp"]);
  const started = await Deno.startTls(tcp, {
    hostname: "localhost",
    caCerts: [PAIR.cert],
  });
  using conn = await accepted;
  await Promise.all([started.handshake(), conn.handshake()]);
  assertEquals(kindsOf(started), ["tls"]);
  assertEquals(kindsOf(conn), ["tls"]);
  started.close();
});

Deno.test("isTcpConn() is true for a connection whose read under way is replayed", async () => {
  const handed = Promise.withResolvers<Upgraded>();
  await using server = serve({ port: 0 }, async (request) => {
    onUpgrade(request).then(handed.resolve, handed.reject);
    // By then a read is under way that looks whether the client leaves.
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  });
  const { port } = server.addr as Deno.NetAddr;
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = new Request("http://x/", { headers: { upgrade: "raw" } });
  await sendRequest(client, request);
  const { io } = (await handed.promise).downcast();
  assert(Object.hasOwn(io, "read"));
  assertEquals(kindsOf(io), ["tcp"]);
  io.close();
});

Deno.test("isUnixConn() is false for an Upgraded, in another one as well", async () => {
  using listener: ConnListener & Disposable = Deno.listen({
    transport: "unix",
    path,
  });
  using client = await Deno.connect({ transport: "unix", path });
  const io = await listener.accept();
  const readBuf = new Uint8Array(0);
  const inner = new Upgraded({ io, readBuf });
  using outer = new Upgraded({ io: inner, readBuf });
  assertEquals([client, io, inner, outer].map(kindsOf), [
    ["unix"],
    ["unix"],
    [],
    [],
  ]);
  assertStrictEquals(outer.downcast().io, inner);
  inner.close();
});
