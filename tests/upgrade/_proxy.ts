import { assertEquals } from "@std/assert";
import { onUpgrade, Upgraded } from "../../upgrade/mod.ts";
import { withServer } from "./_serve.ts";

/** A proxy under test. */
export interface Proxy {
  /** Its port. */
  readonly port: number;
  /** Its URL. */
  readonly url: string;
  /** The fields of all requests for a tunnel that it got. */
  readonly asked: readonly Headers[];
}

/**
 * Runs a test against a proxy that makes every tunnel that it is asked for, to
 * ports of this machine. Waits for the tunnels to end.
 */
export async function withProxy(
  test: (proxy: Proxy) => Promise<void>,
): Promise<void> {
  const asked: Headers[] = [];
  const joined: Promise<void>[] = [];
  await withServer((request) => {
    assertEquals(request.method, "CONNECT");
    asked.push(request.headers);
    const host = request.headers.get("host")!;
    joined.push(join(onUpgrade(request), Number(host.split(":").at(-1))));
    return new Response();
  }, async ({ port }) => {
    await test({ port, url: `http://127.0.0.1:${port}`, asked });
    await Promise.allSettled(joined);
  });
}

/** Joins a tunnel to where it leads, until both ends are over. */
async function join(tunnel: Promise<Upgraded>, port: number): Promise<void> {
  using near = await tunnel;
  // The end of what comes from one side must not end what goes to it, as it does
  // with the stream of a Deno.Conn.
  const io = await Deno.connect({ hostname: "127.0.0.1", port });
  using far = new Upgraded({ io, readBuf: new Uint8Array(0) });
  await Promise.allSettled([
    near.readable.pipeTo(far.writable),
    far.readable.pipeTo(near.writable),
  ]);
}
