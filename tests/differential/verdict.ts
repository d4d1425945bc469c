import { assertEquals } from "@std/assert";
import type { Account, SeenRequest } from "./account.ts";
import { REVIEWED } from "./reviewed.ts";

/** What a comparison came to, when it found no fault. */
export type Verdict =
  /** Both took all requests, one at least. */
  | { readonly kind: "both" }
  /** Both stopped at the same request, or there was none. */
  | { readonly kind: "neither" }
  /** `node:http` took a request that Switchboard refused, for the fault given. */
  | { readonly kind: "node alone"; readonly why: string }
  /** Switchboard took a request that is in the reviewed list. */
  | { readonly kind: "Switchboard alone"; readonly why: string };

/** What two servers made of one stream. */
export interface Comparison {
  /** What was sent, one character a byte. */
  readonly stream: string;
  /** Switchboard's account. */
  readonly ours: Account;
  /** The account of `node:http`. */
  readonly theirs: Account;
}

/**
 * Compares two accounts request by request. Throws if both took a head and
 * differ on it, if Switchboard alone took a request, or took it otherwise, and
 * it is not in the reviewed list, or if one took a request that the other did
 * not while the other would have read on.
 */
export function judge(comparison: Comparison): Verdict {
  const { ours, theirs } = comparison;
  const count = Math.max(ours.requests.length, theirs.requests.length);
  for (let i = 0; i < count; i++) {
    const our = ours.requests[i];
    const their = theirs.requests[i];
    if (our !== undefined && their !== undefined) {
      assertEquals(headOf(our), headOf(their), `Request ${i}: heads differ`);
    }
    if (isTaken(our)) {
      if (isTaken(their) && isSameRest(our, their)) continue;
      return { kind: "Switchboard alone", why: review(i, comparison) };
    }
    if (isTaken(their)) {
      assertClosed(ours, "Switchboard");
      return {
        kind: "node alone",
        why: ours.fault || "after the last request",
      };
    }
  }
  const refused = ours.end === "refused" || theirs.end === "refused";
  return { kind: refused || count === 0 ? "neither" : "both" };
}

function isTaken(request: SeenRequest | undefined): request is SeenRequest {
  return request !== undefined && request.state !== "refused";
}

function headOf({ method, url, fields }: SeenRequest): object {
  return { method, url, fields };
}

/** Whether two servers agree on what came after a head. */
function isSameRest(our: SeenRequest, their: SeenRequest): boolean {
  return our.body === their.body && our.state === their.state &&
    our.tunnel === their.tunnel;
}

/** Names the reviewed class of a request that only Switchboard took so. */
function review(at: number, { stream, ours, theirs }: Comparison): string {
  const our = ours.requests[at] as SeenRequest;
  const their = theirs.requests[at];
  const reviewed = REVIEWED.find((each) => each.covers(our, their, stream));
  if (reviewed === undefined) {
    throw new Error(
      `Switchboard alone took request ${at} as ${JSON.stringify(our)}; ` +
        `node:http made of it ${JSON.stringify(their)}`,
    );
  }
  assertClosed(theirs, "node:http");
  return reviewed.name;
}

// Otherwise the two would read what follows from different places.
function assertClosed(account: Account, who: string): void {
  if (account.end === "open") {
    throw new Error(`${who} missed a request and left the connection open`);
  }
}
