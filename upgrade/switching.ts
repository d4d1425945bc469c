import { parseProtocolList, type RequestHead } from "./http1/mod.ts";
import type { PendingUpgrade } from "./on_upgrade.ts";

/** Whether a response ends HTTP on its connection. */
export function switches(response: Response, head: RequestHead): boolean {
  return response.status === 101 ||
    head.method === "CONNECT" && response.ok;
}

/** Throws when the handler's answer is no response to this request. */
export function checkResponse(
  response: Response,
  { head, pending }: {
    head: RequestHead;
    pending: PendingUpgrade | undefined;
  },
): void {
  if (!(response instanceof Response)) {
    throw new TypeError("Cannot respond: the handler returned no Response");
  }
  if (!switches(response, head)) return;
  if (pending === undefined) {
    throw new TypeError("Cannot answer 101: the client offered no upgrade");
  }
  if (!pending.taken) {
    throw new TypeError(
      `Cannot answer ${response.status}: onUpgrade() was not called before`,
    );
  }
  if (pending.failure === "awaited_too_early") {
    throw new TypeError(
      `Cannot answer ${response.status}: onUpgrade() has been given up`,
    );
  }
  // RFC 9110 §7.8: only to protocols that the client has offered.
  if (response.status !== 101) return;
  const field = response.headers.get("upgrade");
  if (field === null) {
    throw new TypeError("Cannot answer 101: the response has no Upgrade field");
  }
  if (head.upgrade.includes(field)) return;
  const chosen = parseProtocolList([field]) ?? [];
  const offered = head.upgrade.map((protocol) => protocol.toLowerCase());
  const isOffered = (name: string) => offered.includes(name.toLowerCase());
  if (chosen.length === 0 || !chosen.every(isOffered)) {
    throw new TypeError(
      `Cannot answer 101: the client did not offer Upgrade: ${field}`,
    );
  }
}
