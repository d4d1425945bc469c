import { isoTime } from "./clock.ts";
import { StoreError, type StoreErrorCode } from "./store_error.ts";

/** A fault that lasts is written again after so many milliseconds. */
const AGAIN = 60_000;

/** How a {@linkcode FaultLog} writes. */
export interface FaultLogOptions {
  /** Writes a line, or several of one error. Default: to standard error. */
  readonly write?: (text: string) => void;
  /** The time in milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
}

interface Written {
  /** When it was written. */
  readonly time: number;
  /** How often it has happened since. */
  count: number;
}

/**
 * Writes errors that are no client's fault for whoever runs the server. A disk
 * that is full fails each request: what a {@linkcode StoreError} says is one line
 * at first, and then one a minute with how often it has happened.
 *
 * @example
 * ```ts
 * import { FaultLog, StoreError } from "./mod.ts";
 *
 * const faults = new FaultLog();
 * // 2026-11-20T21:23:14.123Z full: Cannot store: the disk is full.
 * faults.report(new StoreError("full"));
 * ```
 */
export class FaultLog {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #written = new Map<StoreErrorCode, Written>();

  /** Has written nothing yet. */
  constructor(
    { write = console.error, now = Date.now }: FaultLogOptions = {},
  ) {
    this.#write = write;
    this.#now = now;
  }

  /** Writes of an error, or counts it. */
  report(error: unknown): void {
    const time = isoTime(this.#now());
    if (error instanceof StoreError) this.#reportFault(error, time);
    else {
      const isError = error instanceof Error;
      this.#write(`${time} ${isError ? error.stack ?? error : String(error)}`);
    }
  }

  #reportFault({ code, message }: StoreError, time: string): void {
    const now = this.#now();
    const last = this.#written.get(code);
    if (last !== undefined && now - last.time < AGAIN) {
      last.count++;
      return;
    }
    this.#written.set(code, { time: now, count: 0 });
    const more = last === undefined || last.count === 0
      ? ""
      : ` ${last.count} more ${last.count === 1 ? "time" : "times"} since ${
        isoTime(last.time)
      }.`;
    this.#write(`${time} ${code}: ${message}${more}`);
  }
}
