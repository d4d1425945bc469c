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

  /** Counts a connection from `addr`, unless that would be too many. */
  enter(addr: Deno.Addr): boolean {
    if (this.#total >= this.#limits.total) return false;
    const key = keyOf(addr);
    if (key !== undefined) {
      const count = this.#byAddress.get(key) ?? 0;
      if (count >= this.#limits.perAddress) return false;
      this.#byAddress.set(key, count + 1);
    }
    this.#total++;
    return true;
  }

  /** Counts a connection that has entered no longer. */
  leave(addr: Deno.Addr): void {
    this.#total--;
    const key = keyOf(addr);
    if (key === undefined) return;
    const count = this.#byAddress.get(key)! - 1;
    if (count === 0) this.#byAddress.delete(key);
    else this.#byAddress.set(key, count);
  }
}

/** What counts as one address; `undefined` when there is none. */
function keyOf(addr: Deno.Addr): string | undefined {
  if (!("hostname" in addr)) return undefined;
  const { hostname } = addr;
  if (!hostname.includes(":")) return hostname;
  // RFC 4291 §2.5.5.2: an IPv4 client of a socket that takes both.
  const mapped = /^::ffff:([\d.]+)$/i.exec(hostname);
  if (mapped !== null) return mapped[1];
  // RFC 4291 §2.5.4: one network, and so one customer, has 64 bits to itself.
  return groupsOf(hostname).slice(0, 4).join(":");
}

/** The eight groups of an IPv6 address, those that `::` stands for as well. */
function groupsOf(address: string): string[] {
  const [before = "", after] = address.split("::");
  const head = before === "" ? [] : before.split(":");
  if (after === undefined) return head;
  const tail = after === "" ? [] : after.split(":");
  const gap = Math.max(8 - head.length - tail.length, 0);
  return [...head, ...Array<string>(gap).fill("0"), ...tail];
}
