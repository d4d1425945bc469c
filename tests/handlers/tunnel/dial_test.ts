import { assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  connectToAny,
  dial,
  type DialOptions,
} from "../../../handlers/tunnel/dial.ts";
import type { TunnelErrorCode } from "../../../handlers/tunnel/errors.ts";
import { HttpError } from "../../../mod.ts";
import { parseCidr } from "../../../upgrade/network.ts";
import { closedPort, SilentPort } from "./_pairs.ts";

const OPTIONS: DialOptions = {
  networks: [parseCidr("127.0.0.0/8"), parseCidr("::1")],
  timeout: 5_000,
  signal: new AbortController().signal,
};

async function assertFails(
  connecting: Promise<unknown>,
  code: TunnelErrorCode,
): Promise<void> {
  const error = await assertRejects(() => connecting, HttpError);
  assertEquals(error.code, code);
}

Deno.test("dial() connects to a name, and to an address", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  for (const host of ["localhost", "127.0.0.1"]) {
    using conn = await dial({ host, port }, OPTIONS);
    assertEquals(conn.remoteAddr, { ...listener.addr, transport: "tcp" });
    using _ = await listener.accept();
  }
});

Deno.test("dial() rejects when a name leads only to addresses that are not public", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  for (const host of ["localhost", "127.0.0.1", "::1", "169.254.169.254"]) {
    const dialing = dial({ host, port }, { ...OPTIONS, networks: [] });
    await assertFails(dialing, "destination_ip_prohibited");
  }
});

Deno.test("dial() rejects when a name does not exist", async () => {
  // RFC 6761 §6.4: no name ends so.
  const dialing = dial({ host: "nowhere.invalid", port: 80 }, OPTIONS);
  await assertFails(dialing, "dns_error");
});

Deno.test("dial() rejects when the time is over before a name is resolved", async () => {
  const dialing = dial(
    { host: "nowhere.invalid", port: 80 },
    { ...OPTIONS, timeout: 0 },
  );
  await assertFails(dialing, "dns_timeout");
});

Deno.test("dial() rejects when the client has left before", async () => {
  const signal = AbortSignal.abort();
  for (const host of ["localhost", "127.0.0.1"]) {
    const dialing = dial({ host, port: closedPort() }, { ...OPTIONS, signal });
    await assertFails(dialing, "http_request_error");
  }
});

Deno.test("connectToAny() tries the next address when one refuses", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.4"];
  using conn = await connectToAny(addresses, { ...OPTIONS, port });
  assertEquals((conn.remoteAddr as Deno.NetAddr).hostname, "127.0.0.1");
});

Deno.test("connectToAny() leaves time for the next address when one never answers", async () => {
  using silent = await SilentPort.open();
  const { port } = silent;
  using listener = Deno.listen({ hostname: "127.0.0.2", port });
  const start = performance.now();
  const timeout = 900;
  const addresses = ["127.0.0.1", "127.0.0.1", "127.0.0.2"];
  using conn = await connectToAny(addresses, { ...OPTIONS, port, timeout });
  assertEquals((conn.remoteAddr as Deno.NetAddr).hostname, "127.0.0.2");
  assertLess(performance.now() - start, timeout);
  using _ = await listener.accept();
});

Deno.test("connectToAny() rejects when all addresses refuse", async () => {
  const port = closedPort();
  const connecting = connectToAny(["127.0.0.1", "127.0.0.2"], {
    ...OPTIONS,
    port,
  });
  await assertFails(connecting, "connection_refused");
});

Deno.test("connectToAny() rejects when no address answers in time", async () => {
  using silent = await SilentPort.open();
  const connecting = connectToAny(["127.0.0.1", "127.0.0.1"], {
    ...OPTIONS,
    port: silent.port,
    timeout: 200,
  });
  await assertFails(connecting, "connection_timeout");
});

Deno.test("connectToAny() stops when the client leaves", async () => {
  using silent = await SilentPort.open();
  const client = new AbortController();
  const connecting = connectToAny(["127.0.0.1", "127.0.0.1"], {
    ...OPTIONS,
    port: silent.port,
    signal: client.signal,
  });
  client.abort();
  await assertFails(connecting, "http_request_error");
});
