import type { HttpVersion } from "./version_parser.ts";

/**
 * Says whether the connection may go on after a message of this version with
 * these options in `Connection`, in lower case.
 */
export function readKeepAlive(
  version: HttpVersion,
  connection: readonly string[],
): boolean {
  // RFC 9112 §9.3: close ends the connection; HTTP/1.1 persists without a
  // word, HTTP/1.0 only with keep-alive.
  if (connection.includes("close")) return false;
  return version === "HTTP/1.1" || connection.includes("keep-alive");
}
