import { parseAddress } from "./network.ts";

/** How many connections there may be. */
export interface ConnectionLimits {
  /** Overall. */
  readonly total: number;
  /** From one address; an IPv6 network of /64 counts as one. */
  readonly perAddress: number;
}

/** Counts connections, overall and by the client's address. */
export class ConnectionCounts {
  readonly #limits: ConnectionLimits;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  /** Counts up to `limits`. */
  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /**
   * Counts a connection, of a client whose address is known or not, unless that
   * would be too many.
   */
  enter(addr: Deno.Addr | undefined): boolean {
    if (this.#total >= this.#limits.total) return false;
    if (!this.change(undefined, addr)) return false;
    this.#total++;
    return true;
  }

  /** Counts a connection that has entered no longer. */
  leave(addr: Deno.Addr | undefined): void {
    this.#total--;
    this.change(addr, undefined);
  }

  /** Counts a connection for another client, unless that has too many. */
  change(from: Deno.Addr | undefined, to: Deno.Addr | undefined): boolean {
    const left = keyOf(from);
    const entered = keyOf(to);
    if (left === entered) return true;
    if (entered !== undefined) {
      const count = this.#byAddress.get(entered) ?? 0;
      if (count >= this.#limits.perAddress) return false;
      this.#byAddress.set(entered, count + 1);
    }
    if (left !== undefined) {
      const count = this.#byAddress.get(left)! - 1;
      if (count === 0) this.#byAddress.delete(left);
      else this.#byAddress.set(left, count);
    }
    return true;
  }
}

/** What counts as one address; `undefined` when there is none. */
function keyOf(addr: Deno.Addr | undefined): string | undefined {
  if (addr === undefined || !("hostname" in addr)) return undefined;
  const { hostname } = addr;
  // The zone (RFC 4007 §11) says where an address is valid, not which one it is.
  const address = parseAddress(hostname.replace(/%.*$/, ""));
  if (address === undefined) return hostname;
  // RFC 4291 §2.5.4: one network, and so one customer, has 64 bits to itself.
  return address.kind === "ipv6"
    ? address.groups.slice(0, 4).join(":")
    : address.text;
}
