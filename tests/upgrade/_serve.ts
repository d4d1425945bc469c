import { assertEquals, assertLess } from "@std/assert";
import {
  type Handler,
  type HttpServer,
  serve,
  type ServeOptions,
} from "../../upgrade/mod.ts";

/** A server under test. */
export interface Served {
  /** Where it listens. */
  readonly port: number;
  /** The server itself. */
  readonly server: HttpServer;
  /** Gives the errors that it has reported, and forgets them. */
  takeErrors(): unknown[];
}

const SHUTDOWN_TIMEOUT = 4_000;

/**
 * Runs a test against a real server on a free port. Fails if the server has
 * reported an error that the test did not take, or if a connection is left that
 * only the end of the shutdown timeout closes.
 */
export async function withServer(
  handler: Handler,
  test: (served: Served) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  let errors: unknown[] = [];
  const server = serve({
    port: 0,
    shutdownTimeout: SHUTDOWN_TIMEOUT,
    onError: (error) => errors.push(error),
    ...options,
  }, handler);
  const { port } = server.addr as Deno.NetAddr;
  const takeErrors = () => {
    const taken = errors;
    errors = [];
    return taken;
  };
  let end = 0;
  try {
    await test({ port, server, takeErrors });
  } finally {
    end = performance.now();
    await server.shutdown();
  }
  assertLess(
    performance.now() - end,
    SHUTDOWN_TIMEOUT - 100,
    "A connection was left over",
  );
  assertEquals(errors, []);
}
