import type { ErrorCallbacks, ErrorContext } from "../upgrade/mod.ts";
import { RELAY_ENDINGS, type TunnelSummary } from "./tunnel.ts";

// Of refusals, so many are written in one second: whoever sends nonsense does
// not fill the disk with it.
const REFUSALS_A_SECOND = 10;
const MS_A_SECOND = 1_000;
// Of a target, so much tells where to look.
const SHOWN_CHARACTERS = 100;

/** How {@linkcode createLog} writes. */
export interface LogOptions {
  /** Writes a line, or several of one error. Default: to standard error. */
  readonly write?: (text: string) => void;
  /** The time in milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
}

/** What {@linkcode createLog} writes of. */
export interface Log extends Required<ErrorCallbacks> {
  /** Writes of a tunnel that has ended: for `onEnd` of `createTunnel()`. */
  readonly onTunnelEnd: (tunnel: TunnelSummary) => void;
}

/**
 * Writes what goes wrong for whoever runs the server: the time, the stable code,
 * the request without its query, the client and the error. Of a tunnel it writes
 * what went through.
 *
 * Refusals are counted instead of written when there are more than 10 a second.
 *
 * ```ts
 * import { createLog } from "./log.ts";
 *
 * const { onRefusal } = createLog();
 * // 2026-11-20T21:23:14.123Z bare_lf from 192.0.2.1: A line ends with LF …
 * ```
 */
export function createLog(
  { write = console.error, now = Date.now }: LogOptions = {},
): Log {
  let second = 0;
  let refusals = 0;

  function note(context: ErrorContext, words: string): void {
    write(`${new Date(now()).toISOString()} ${describe(context)}: ${words}`);
  }

  return {
    onError(error, context) {
      const isError = error instanceof Error;
      note(context, isError ? error.stack ?? `${error}` : String(error));
    },
    onRefusal(error, context) {
      const thisSecond = Math.floor(now() / MS_A_SECOND);
      if (thisSecond !== second) {
        const unwritten = refusals - REFUSALS_A_SECOND;
        if (unwritten > 0) {
          const then = new Date(second * MS_A_SECOND).toISOString();
          write(`${then} ${unwritten} more requests were refused that second.`);
        }
        second = thisSecond;
        refusals = 0;
      }
      if (++refusals <= REFUSALS_A_SECOND) note(context, error.message);
    },
    onTunnelEnd({ authority, remoteAddr, ...tunnel }) {
      const { targetAddr, sent, received, milliseconds, ending } = tunnel;
      note(
        {
          code: `tunnel_${ending}`,
          method: "CONNECT",
          target: authority,
          remoteAddr,
        },
        `${sent} bytes to ${targetAddr.hostname}, ${received} bytes back, ` +
          `in ${milliseconds} ms; ${RELAY_ENDINGS[ending]}.`,
      );
    },
  };
}

/** What an error has to do with, as `code method target from client`. */
function describe(context: ErrorContext): string {
  const { code, method, target, remoteAddr } = context;
  const words: string[] = [code];
  if (method !== undefined) words.push(method);
  if (target !== undefined) {
    words.push(target.replace(/\?.*/, "").slice(0, SHOWN_CHARACTERS));
  }
  if (remoteAddr !== undefined && "hostname" in remoteAddr) {
    words.push("from", remoteAddr.hostname);
  }
  return words.join(" ");
}
