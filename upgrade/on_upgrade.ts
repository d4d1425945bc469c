import { Deadline } from "./_deadline.ts";
import type { Upgraded } from "./upgraded.ts";

/** Every way in which an upgrade can fail: a stable code and its words. */
export const UPGRADE_ERRORS = {
  not_upgradable: "the message did not ask for one",
  already_taken: "onUpgrade() was called before on this message",
  not_upgraded: "the answer was something else",
  handler_failed: "the handler failed, or its response cannot be sent",
  awaited_too_early:
    "the handler did not answer in time. If it awaits onUpgrade() before it returns the response, it waits for itself",
  body_not_read: "the request's body could not be read to its end",
  client_gone: "the client left first",
  write_failed: "the answer could not be written",
  shutting_down: "the server shut down first",
} as const satisfies Record<string, string>;

/** The stable code of an {@linkcode UpgradeError}. */
export type UpgradeErrorCode = keyof typeof UPGRADE_ERRORS;

/** An upgrade that did not come about. */
export class UpgradeError extends Error {
  /** The name of this class. */
  override readonly name = "UpgradeError";
  /** What went wrong; never changes between versions. */
  readonly code: UpgradeErrorCode;

  /** Makes the error of one failure, with the words of its table. */
  constructor(code: UpgradeErrorCode, options?: ErrorOptions) {
    super(`Cannot upgrade: ${UPGRADE_ERRORS[code]}`, options);
    this.code = code;
  }
}

/** An upgrade that a message has asked for, as the connection sees it. */
export class PendingUpgrade {
  readonly #settled = Promise.withResolvers<Upgraded>();
  readonly #patience: number;
  #deadline: Deadline | undefined;
  #taken = false;
  #failure: UpgradeErrorCode | undefined;
  /** The protocols that the message offers, in its order. */
  readonly offered: readonly string[];

  /** Waits `patience` milliseconds for the answer once it has been asked for. */
  constructor(patience: number, offered: readonly string[] = []) {
    this.#patience = patience;
    this.offered = offered;
  }

  /** Whether the upgraded connection has been asked for. */
  get taken(): boolean {
    return this.#taken;
  }

  /** Why it failed, if it has. */
  get failure(): UpgradeErrorCode | undefined {
    return this.#failure;
  }

  /** Gives out the promise, once. */
  take(): Promise<Upgraded> {
    if (this.#taken) return rejected("already_taken");
    this.#taken = true;
    if (this.#failure === undefined) {
      this.#deadline = new Deadline(() => this.reject("awaited_too_early"));
      this.#deadline.set(this.#patience);
    }
    return this.#settled.promise;
  }

  /** The handler has answered: what follows has limits of its own. */
  stopWaiting(): void {
    this.#deadline?.[Symbol.dispose]();
  }

  /** The upgrade came about. */
  resolve(upgraded: Upgraded): void {
    this.#settled.resolve(upgraded);
  }

  /** The upgrade did not come about. */
  reject(code: UpgradeErrorCode, cause?: unknown): void {
    this.#failure ??= code;
    this.stopWaiting();
    // Nobody may be waiting for it, and that must not end the process.
    this.#settled.promise.catch(() => {});
    this.#settled.reject(
      new UpgradeError(code, cause === undefined ? {} : { cause }),
    );
  }
}

const pendingUpgrades = new WeakMap<Request | Response, PendingUpgrade>();

/** Makes `onUpgrade(message)` wait for `pending`. */
export function offerUpgrade(
  message: Request | Response,
  pending: PendingUpgrade,
): void {
  pendingUpgrades.set(message, pending);
}

/** Whether a message has asked for an upgrade on a connection of ours. */
export function asksForUpgrade(message: Request | Response): boolean {
  return pendingUpgrades.has(message);
}

/**
 * The protocols that a request on a connection of ours offers to switch to, in
 * the client's order; none if its Upgrade does not count (RFC 9110 §7.8).
 */
export function offeredBy(request: Request): readonly string[] {
  return pendingUpgrades.get(request)?.offered ?? [];
}

/**
 * Resolves to the connection behind a message once it has left HTTP.
 *
 * On the server: call it with the request in the handler, before the handler
 * answers, and do not await it there. The promise resolves after the answer has
 * been written that switches protocols, 101 or any 2xx to CONNECT. A 101 has to
 * name in `Upgrade` a protocol that the client offered (RFC 9110 §7.8);
 * otherwise the client gets 500, and the server's `onError` is told. What the
 * handler has left of the request's body is dropped before the answer: to read
 * it fails from then on.
 *
 * On the client: call it with the response of `sendRequest()` or `sendConnect()`.
 * By then it is known whether that switches protocols.
 *
 * Rejects with an {@linkcode UpgradeError} when the message did not ask for an
 * upgrade, when this was called before on it, and when the answer is anything
 * else. On the server also when the handler fails, the request's body cannot be
 * read to its end, the client goes away first, the answer cannot be written, the
 * server shuts down, or the handler has not answered within 5 s of this call, as
 * happens when it awaits the promise before it answers. The connection then goes
 * on with HTTP, or is closed: nobody but the server has it. A rejection that nobody sees is harmless, but one of a promise made
 * of this one by `then()` ends the process as any other does: end such a chain
 * with `catch()`.
 *
 * ```ts
 * import { onUpgrade, serve } from "./mod.ts";
 *
 * await using server = serve({ port: 0 }, (request) => {
 *   onUpgrade(request).then(async (upgraded) => {
 *     using conn = upgraded;
 *     const writer = conn.writable.getWriter();
 *     await writer.write(new TextEncoder().encode("bar=foo"));
 *   }).catch((error) => console.error(error.message));
 *   const headers = { connection: "upgrade", upgrade: "foobar" };
 *   return new Response(null, { status: 101, headers });
 * });
 * ```
 */
export function onUpgrade(message: Request | Response): Promise<Upgraded> {
  const pending = pendingUpgrades.get(message);
  return pending === undefined ? rejected("not_upgradable") : pending.take();
}

function rejected(code: UpgradeErrorCode): Promise<never> {
  const promise = Promise.reject(new UpgradeError(code));
  promise.catch(() => {});
  return promise;
}
