import { isAuthority, parseAuthority } from "./authority.ts";
import { HttpError } from "./errors.ts";

/** The form of a request target, RFC 9112 §3.2. */
export type TargetForm = "origin" | "absolute" | "authority" | "asterisk";

/** A request target, taken apart. */
export interface RequestTarget {
  /** Which of the four forms it has. */
  readonly form: TargetForm;
  /** The host and port it names; empty in origin and asterisk form. */
  readonly authority: string;
  /** Path and query; `*` in asterisk form, empty in authority form. */
  readonly path: string;
}

const ASTERISK: RequestTarget = { form: "asterisk", authority: "", path: "*" };
const SCHEMES = ["http://", "https://"] as const;

/**
 * Takes a request target apart and checks that its form fits the method.
 *
 * The head parser has checked the target's characters and escapes.
 *
 * @throws {HttpError} `bad_target`
 */
export function parseRequestTarget(
  method: string,
  target: string,
): RequestTarget {
  // RFC 9112 §3.2.3: authority-form is for CONNECT, and CONNECT has no other.
  if (method === "CONNECT") return parseAuthorityForm(target);
  if (target.startsWith("/")) {
    return { form: "origin", authority: "", path: target };
  }
  if (target === "*") {
    // RFC 9112 §3.2.4: asterisk-form is for OPTIONS only.
    if (method !== "OPTIONS") throw new HttpError("bad_target");
    return ASTERISK;
  }
  return parseAbsoluteForm(method, target);
}

function parseAuthorityForm(target: string): RequestTarget {
  const authority = parseAuthority(target);
  // RFC 9110 §9.3.6: an empty or invalid port is refused.
  if (authority === undefined || Number(authority.port) === 0) {
    throw new HttpError("bad_target");
  }
  return { form: "authority", authority: target, path: "" };
}

function parseAbsoluteForm(method: string, target: string): RequestTarget {
  const start = target.slice(0, 8).toLowerCase();
  const scheme = SCHEMES.find((scheme) => start.startsWith(scheme));
  if (scheme === undefined) throw new HttpError("bad_target");
  const rest = target.slice(scheme.length);
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const tail = end < 0 ? "" : rest.slice(end);
  // RFC 9110 §4.2.4: user information in it is an error, and isAuthority
  // refuses it.
  if (!isAuthority(authority)) throw new HttpError("bad_target");
  // RFC 9112 §3.2.4: so a proxy is asked for what is asterisk form without it.
  if (method === "OPTIONS" && tail === "") {
    return { form: "absolute", authority, path: "*" };
  }
  // RFC 9110 §4.2.3: an empty path is the same as "/".
  const path = tail.startsWith("/") ? tail : `/${tail}`;
  return { form: "absolute", authority, path };
}
