import { encodeBase64 } from "@std/encoding";

/** A name and its password, as RFC 7617 sends them. */
export interface BasicAuth {
  /** Any text without a colon and control characters. */
  readonly username: string;
  /** Any text without control characters. */
  readonly password: string;
}

/**
 * Makes the value of `Authorization` or `Proxy-Authorization`, of text in UTF-8.
 * Throws a `TypeError` when the name or the password cannot be said in it.
 *
 * ```ts
 * import { formatBasicAuth } from "./basic_auth.ts";
 *
 * // "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
 * formatBasicAuth({ username: "Aladdin", password: "open sesame" });
 * ```
 */
export function formatBasicAuth({ username, password }: BasicAuth): string {
  // RFC 7617 §2: the first colon ends the user name.
  if (username.includes(":")) {
    throw new TypeError("Cannot authenticate: the user name has a colon");
  }
  const both = `${username}:${password}`;
  // RFC 7617 §2: no control characters.
  if (/\p{Cc}/u.test(both)) {
    throw new TypeError(
      "Cannot authenticate: the user name or the password has a control character",
    );
  }
  return `Basic ${encodeBase64(both)}`;
}
