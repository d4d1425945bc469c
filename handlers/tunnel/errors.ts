import { HttpError } from "../../upgrade/mod.ts";

/**
 * Every way in which a tunnel does not come about: the error type of RFC 9209
 * §2.3, which is the stable code, the status, and a sentence for a person.
 */
export const TUNNEL_ERRORS = {
  http_request_denied: {
    status: 403,
    message: "This host and port may not be reached through this proxy.",
  },
  destination_ip_prohibited: {
    status: 403,
    message: "This host has no address that may be reached through this proxy.",
  },
  dns_error: {
    status: 502,
    message: "The name of this host could not be resolved.",
  },
  dns_timeout: {
    status: 504,
    message: "The name of this host was not resolved in time.",
  },
  connection_refused: {
    status: 502,
    message: "This host refused the connection.",
  },
  connection_terminated: {
    status: 502,
    message: "This host broke the connection off at once.",
  },
  destination_ip_unroutable: {
    status: 502,
    message: "There is no way to this host.",
  },
  connection_timeout: {
    status: 504,
    message: "This host did not take the connection in time.",
  },
  http_request_error: {
    status: 400,
    message: "The client stopped sending before there was a tunnel.",
  },
} as const;

/** A code of {@linkcode TUNNEL_ERRORS}. */
export type TunnelErrorCode = keyof typeof TUNNEL_ERRORS;

/** Makes the answer to a CONNECT that gets no tunnel. */
export function tunnelError(code: TunnelErrorCode, cause?: unknown): HttpError {
  return new HttpError(code, {
    ...TUNNEL_ERRORS[code],
    // RFC 9209 §2.1.1: what kind of failure the proxy has met.
    headers: [["Proxy-Status", `switchboard; error=${code}`]],
    ...cause !== undefined && { cause },
  });
}
