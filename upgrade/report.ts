import type { HttpError } from "./http1/mod.ts";

/**
 * Every error that is the server's own and is told to `onError`: a stable code
 * and what has happened.
 */
export const SERVER_ERRORS = {
  internal_error: "The handler threw, or its response cannot be sent.",
  response_failed: "The body of a response failed after it had begun.",
  protocol_failed: "A callback of the protocol that took over threw.",
  accept_failed: "A connection could not be accepted.",
} as const;

/** A code of {@linkcode SERVER_ERRORS}. */
export type ServerErrorCode = keyof typeof SERVER_ERRORS;

/** What an error has to do with, for the log. */
export interface ErrorContext {
  /**
   * What went wrong: a code of `SERVER_ERRORS` for `onError`, of `HTTP_ERRORS`
   * for `onRefusal`. It never changes between versions.
   */
  readonly code: string;
  /** The client's address, as a trusted proxy tells it if there is one. */
  readonly remoteAddr?: Deno.Addr;
  /** The method of the request, if its head was read. */
  readonly method?: string;
  /** The request target as it came, if its head was read. */
  readonly target?: string;
}

/** Who is told of errors. */
export interface ErrorCallbacks {
  /**
   * Told of every error that is the server's own, once: of a handler, of a
   * response's body, of a callback of a protocol that took over. Of accepting,
   * such as too many open files, it is told once a minute at most.
   * Default: writes it to the console.
   */
  readonly onError?: (
    error: unknown,
    context: ErrorContext,
  ) => unknown;
  /**
   * Told of every request that was refused because of what the client sent, or
   * did not send in time. Default: nobody is told.
   */
  readonly onRefusal?: (
    error: HttpError,
    context: ErrorContext,
  ) => unknown;
}

/** Tells of an error; one of the callback harms nobody. */
export function reportError(
  error: unknown,
  context: ErrorContext,
  { onError }: ErrorCallbacks,
): void {
  if (onError === undefined) return console.error(`${context.code}:`, error);
  tell(
    () => onError(error, context),
    (failure) => console.error(`${context.code}:`, error, failure),
  );
}

/** Tells of a refused request; an error of the callback is the server's own. */
export function reportRefusal(
  error: HttpError,
  context: ErrorContext,
  callbacks: ErrorCallbacks,
): void {
  tell(
    () => callbacks.onRefusal?.(error, context),
    (failure) =>
      reportError(failure, { ...context, code: "internal_error" }, callbacks),
  );
}

function tell(
  callback: () => unknown,
  onFailure: (failure: unknown) => void,
): void {
  try {
    const told = callback();
    if (told instanceof Promise) told.catch(onFailure);
  } catch (failure) {
    onFailure(failure);
  }
}
