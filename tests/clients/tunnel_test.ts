import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { createTunnel, type TunnelSummary } from "../../handlers/tunnel.ts";
import {
  connectWebSocket,
  type Handler,
  serve,
  upgradeWebSocket,
} from "../../mod.ts";
import { PAIR } from "../upgrade/_tls.ts";
import { curl } from "./_curl.ts";
import { digestOf, patternDigest, patternStream } from "./_pattern.ts";

const CERT = new URL("../tls/cert.pem", import.meta.url).pathname;
const MIB = 1024 ** 2;
// curl's exit code when a proxy refuses a tunnel.
const RECEIVE_ERROR = 56;

/** A server with and without TLS, and a proxy that may reach it. */
interface Site {
  readonly http: string;
  readonly https: string;
  readonly proxy: string;
  /** The arguments that send curl through the proxy. */
  readonly through: readonly string[];
}

const answer: Handler = async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/hello") return new Response("hello");
  if (pathname === "/pattern") return new Response(patternStream(50 * MIB));
  if (pathname === "/digest") {
    return Response.json(await digestOf(request.body));
  }
  const { socket, response } = upgradeWebSocket(request);
  socket.forEach((message) => socket.send(message));
  return response;
};

/** Gives what has become of the tunnels, in the order of their ends. */
async function withSite(
  test: (site: Site) => Promise<void>,
): Promise<TunnelSummary[]> {
  const tunnels: TunnelSummary[] = [];
  await using server = serve({
    listeners: [{ port: 0 }, { port: 0, ...PAIR }],
  }, answer);
  const [http, https] = server.addrs as [Deno.NetAddr, Deno.NetAddr];
  await using proxy = serve(
    { hostname: "127.0.0.1", port: 0 },
    createTunnel({
      allow: [`localhost:${http.port}`, `localhost:${https.port}`],
      allowPrivate: ["127.0.0.0/8", "::1"],
      onEnd: (tunnel) => tunnels.push(tunnel),
    }),
  );
  const url = `http://127.0.0.1:${(proxy.addr as Deno.NetAddr).port}`;
  await test({
    http: `http://localhost:${http.port}`,
    https: `https://localhost:${https.port}`,
    proxy: url,
    // The empty list takes back what all runs of curl say otherwise.
    through: ["--noproxy", "", "-x", url, "--cacert", CERT],
  });
  await proxy.shutdown();
  assertEquals(
    tunnels.filter(({ ending }) => ending === "closed" || ending === "idle"),
    [],
    "A tunnel was cut",
  );
  return tunnels;
}

Deno.test("curl -x reaches a TLS server, in one tunnel for several requests", async () => {
  let url = "";
  const tunnels = await withSite(async ({ https, through }) => {
    url = https;
    const urls = [`${https}/hello`, `${https}/hello`];
    const { code, output, log } = await curl([...through, "-v", ...urls]);
    assertEquals([code, output], [0, "hellohello"]);
    assertStringIncludes(log, "CONNECT tunnel established, response 200");
  });
  assertEquals(tunnels.map(({ authority }) => `https://${authority}`), [url]);
});

Deno.test("curl --proxytunnel reaches a server without TLS", async () => {
  await withSite(async ({ http, through }) => {
    const { code, output } = await curl([
      ...[...through, "--proxytunnel"],
      `${http}/hello`,
    ]);
    assertEquals([code, output], [0, "hello"]);
  });
});

Deno.test("curl -x is told that a tunnel is refused", async () => {
  await withSite(async ({ through }) => {
    const { code, log } = await curl([
      ...[...through, "-v"],
      "https://other.example/",
    ]);
    assertEquals(code, RECEIVE_ERROR);
    assertStringIncludes(log, "CONNECT tunnel failed, response 403");
    assertStringIncludes(log, "error=http_request_denied");
  });
});

Deno.test("curl -x gets 50 MiB through TLS, and sends them", async () => {
  const size = 50 * MIB;
  const [first, second] = await withSite(async ({ https, through }) => {
    const down = await curl([...through, `${https}/pattern`], {
      read: digestOf,
    });
    assertEquals([down.code, down.output], [0, patternDigest(size)]);
    const up = await curl([...through, "-T", "-", `${https}/digest`], {
      input: patternStream(size),
    });
    assertEquals(JSON.parse(up.output), patternDigest(size));
  });
  assertGreater(first!.received, size);
  assertGreater(second!.sent, size);
});

Deno.test("connectWebSocket() reaches ws and wss through the proxy", async () => {
  await withSite(async ({ http, https, proxy }) => {
    for (const base of [http, https]) {
      await using socket = await connectWebSocket(
        `${base.replace("http", "ws")}/echo`,
        { proxy: { url: proxy }, caCerts: [PAIR.cert] },
      );
      socket.send("through");
      for await (const message of socket) {
        assertEquals(message, "through");
        break;
      }
    }
  });
});
