import { lookup } from "node:dns/promises";
import { Deadline } from "../../upgrade/_deadline.ts";
import { HttpError } from "../../upgrade/mod.ts";
import { type Network, parseAddress } from "../../upgrade/network.ts";
import type { Destination } from "./allow_list.ts";
import { tunnelError, type TunnelErrorCode } from "./errors.ts";
import { reachableOf } from "./reachable.ts";

/** How {@linkcode dial} connects. */
export interface DialOptions {
  /** Networks that may be reached although they are not public. */
  readonly networks: readonly Network[];
  /** For the name to be resolved and an address to answer, in milliseconds. */
  readonly timeout: number;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}

/** How long something may take. */
type Limits = Pick<DialOptions, "timeout" | "signal">;

// What the system says of a connection that does not come about.
const CODES: Readonly<Record<string, TunnelErrorCode>> = {
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "connection_terminated",
  ECONNABORTED: "connection_terminated",
  ETIMEDOUT: "connection_timeout",
  EHOSTUNREACH: "destination_ip_unroutable",
  ENETUNREACH: "destination_ip_unroutable",
  // The addresses of a family that this machine has not.
  EADDRNOTAVAIL: "destination_ip_unroutable",
  EAFNOSUPPORT: "destination_ip_unroutable",
  // Broadcast and reserved addresses, link-local ones without a zone, and what
  // the machine's own firewall rejects.
  EACCES: "destination_ip_unroutable",
  EINVAL: "destination_ip_unroutable",
  EPERM: "destination_ip_unroutable",
};

/**
 * Connects to a destination.
 *
 * A name is resolved once, its addresses are judged, and the connection goes to
 * one that has been judged: were the name resolved again, its owner could give
 * another answer.
 *
 * Rejects with the `HttpError` that answers the client; with any other error when
 * it is this machine's own, such as too many open files.
 */
export async function dial(
  { host, port }: Destination,
  { networks, timeout, signal }: DialOptions,
): Promise<Deno.TcpConn> {
  const end = performance.now() + timeout;
  const found = await resolve(host, { timeout, signal });
  const addresses = reachableOf(found, networks);
  if (addresses.length === 0) throw tunnelError("destination_ip_prohibited");
  const left = end - performance.now();
  return await connectToAny(addresses, { port, timeout: left, signal });
}

/**
 * Connects to the first address, one at least, that takes the connection. Each
 * has an equal share of the time that is left, so that one that never answers
 * leaves some to the next. Rejects, as {@linkcode dial} does, for the last one.
 */
export async function connectToAny(
  addresses: readonly string[],
  { port, timeout, signal }: Limits & { readonly port: number },
): Promise<Deno.TcpConn> {
  const end = performance.now() + timeout;
  let failure: unknown;
  for (const [i, hostname] of addresses.entries()) {
    const share = (end - performance.now()) / (addresses.length - i);
    try {
      return await connect({ hostname, port }, { timeout: share, signal });
    } catch (error) {
      if (signal.aborted || !(error instanceof HttpError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

async function resolve(host: string, limits: Limits): Promise<string[]> {
  if (parseAddress(host) !== undefined) return [host];
  using limit = new Limit(limits);
  try {
    limit.signal.throwIfAborted();
    // The system's resolver cannot be stopped, but need not be waited for.
    const all = lookup(host, { all: true });
    const found = await Promise.race([all, limit.reached]);
    return found.map(({ address }) => address);
  } catch (error) {
    throw limit.explain(error, "dns_timeout") ??
      (error instanceof Deno.errors.NotCapable
        ? error
        : tunnelError("dns_error", error));
  }
}

async function connect(
  address: { readonly hostname: string; readonly port: number },
  limits: Limits,
): Promise<Deno.TcpConn> {
  using limit = new Limit(limits);
  try {
    const conn = await Deno.connect({ ...address, signal: limit.signal });
    sendAtOnce(conn);
    return conn;
  } catch (error) {
    const code = CODES[(error as { code?: string }).code ?? ""];
    throw limit.explain(error, "connection_timeout") ??
      (code === undefined ? error : tunnelError(code, error));
  }
}

/** Lets no small write wait for the acknowledgement of another. */
function sendAtOnce(conn: Deno.TcpConn): void {
  try {
    conn.setNoDelay(true);
  } catch {
    // Some systems refuse it when the other side has left: reading will tell.
  }
}

/** The end of a time, or of the client's patience, whichever is first. */
class Limit implements Disposable {
  readonly #client: AbortSignal;
  readonly #time = new AbortController();
  readonly #deadline = new Deadline(() => this.#time.abort());

  /** Aborts when the limit is reached. */
  readonly signal: AbortSignal;

  constructor({ timeout, signal }: Limits) {
    this.#client = signal;
    this.signal = AbortSignal.any([signal, this.#time.signal]);
    if (timeout > 0) this.#deadline.set(timeout);
    else this.#time.abort();
  }

  /** Rejects when the limit is reached. */
  get reached(): Promise<never> {
    const { signal } = this;
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }

  /** The error that answers the client, if the limit has been reached. */
  explain(error: unknown, late: TunnelErrorCode): HttpError | undefined {
    if (this.#client.aborted) return tunnelError("http_request_error", error);
    return this.#time.signal.aborted ? tunnelError(late, error) : undefined;
  }

  [Symbol.dispose](): void {
    this.#deadline[Symbol.dispose]();
  }
}
