import { createHash } from "node:crypto";
import { timingSafeEqual } from "@std/crypto";
import { nameKey } from "./names.ts";

interface Entry<Holder> {
  readonly holder: Holder;
  readonly digest: Uint8Array | undefined;
}

/** Who holds which name. Names that differ only in case are the same. */
export class NameRegister<Holder> {
  readonly #entries = new Map<string, Entry<Holder>>();

  /** Who holds the name now, if anybody does. */
  holderOf(name: string): Holder | undefined {
    return this.#entries.get(nameKey(name))?.holder;
  }

  /** Tells whether the key is the one that the name's holder gave. */
  opens(name: string, key: string | undefined): boolean {
    const held = this.#entries.get(nameKey(name))?.digest;
    return held !== undefined && key !== undefined &&
      timingSafeEqual(held, digest(key));
  }

  /** Gives the name to a holder, with the key that opens it, if any. */
  hold(
    name: string,
    { holder, key }: { holder: Holder; key: string | undefined },
  ): void {
    this.#entries.set(nameKey(name), {
      holder,
      digest: key === undefined ? undefined : digest(key),
    });
  }

  /** Frees the name if it is this holder's. */
  release(name: string, holder: Holder): void {
    if (this.holderOf(name) === holder) this.#entries.delete(nameKey(name));
  }
}

/**
 * What is kept of a key and compared. Digests are of one length, which
 * `timingSafeEqual` wants, and the secret itself is not kept.
 */
function digest(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}
