import { isAuthority } from "./authority.ts";
import {
  type BodyFraming,
  hasContent,
  readBodyFraming,
} from "./body_framing.ts";
import { HttpError } from "./errors.ts";
import {
  type FieldLines,
  parseProtocolList,
  parseTokenList,
  trimOws,
} from "./fields.ts";
import { readKeepAlive } from "./keep_alive.ts";
import type { RequestTarget, TargetForm } from "./request_target.ts";
import type { HttpVersion } from "./version_parser.ts";

/** The head of a request, checked. */
export interface RequestHead {
  /** The method, in the case it came in: methods are case-sensitive. */
  readonly method: string;
  /** The request target as it came. */
  readonly target: string;
  /** The form of the target, RFC 9112 §3.2. */
  readonly form: TargetForm;
  /** The version that the client speaks. */
  readonly version: HttpVersion;
  /**
   * All field lines. If the target names a host, the Host line has that one
   * (RFC 9112 §3.2.2).
   */
  readonly fields: FieldLines;
  /**
   * The host and port the request is for: the target's if it names them,
   * otherwise those of Host; empty only in an HTTP/1.0 request without either.
   */
  readonly authority: string;
  /** Path and query; `*` in asterisk form, empty in authority form. */
  readonly path: string;
  /** How the end of the body is found. */
  readonly body: BodyFraming;
  /** Whether the client lets the connection serve a further request. */
  readonly keepAlive: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /**
   * The protocols the client offers to switch to, in its order of preference;
   * empty unless `Connection` has `upgrade` in an HTTP/1.1 request.
   */
  readonly upgrade: readonly string[];
}

/** The parts of a head as the parser found them. */
export interface RawRequestHead {
  /** The method. */
  readonly method: string;
  /** The target as it came. */
  readonly target: string;
  /** The target, taken apart. */
  readonly parsedTarget: RequestTarget;
  /** The version. */
  readonly version: HttpVersion;
  /** The field lines. */
  readonly fields: FieldLines;
}

const NO_VALUES: readonly string[] = [];

/**
 * Checks the field lines that decide what a request is, whom it is for and
 * where it ends.
 *
 * @throws {HttpError} `missing_host`, `duplicate_host`, `bad_host`,
 * `bad_connection`, `bad_upgrade`, `expectation_failed`, and what
 * {@linkcode readBodyFraming} throws
 */
export function readRequestHead(raw: RawRequestHead): RequestHead {
  const { method, target, parsedTarget, version } = raw;
  const values = collectValues(raw.fields);
  const host = readHost(version, values.host);
  const body = readBodyFraming({
    method,
    version,
    contentLength: values.contentLength,
    transferEncoding: values.transferEncoding,
  });
  const connection = parseTokenList(values.connection);
  if (connection === undefined) throw new HttpError("bad_connection");
  // RFC 9112 §3.2.2: the host of an absolute-form target replaces Host. The
  // target of CONNECT is the authority, RFC 9112 §3.3.
  const targetWins = parsedTarget.authority !== "";
  return {
    method,
    target,
    form: parsedTarget.form,
    version,
    fields: targetWins && host !== parsedTarget.authority
      ? replaceHost(raw.fields, parsedTarget.authority)
      : raw.fields,
    authority: targetWins ? parsedTarget.authority : host,
    path: parsedTarget.path,
    body,
    keepAlive: readKeepAlive(version, connection),
    expectsContinue: readExpect(values.expect) && version === "HTTP/1.1" &&
      hasContent(body),
    upgrade: readUpgrade(values.upgrade, { version, connection }),
  };
}

interface DecisiveValues {
  host: readonly string[];
  contentLength: readonly string[];
  transferEncoding: readonly string[];
  connection: readonly string[];
  upgrade: readonly string[];
  expect: readonly string[];
}

function collectValues(fields: FieldLines): DecisiveValues {
  const values: DecisiveValues = {
    host: NO_VALUES,
    contentLength: NO_VALUES,
    transferEncoding: NO_VALUES,
    connection: NO_VALUES,
    upgrade: NO_VALUES,
    expect: NO_VALUES,
  };
  for (const [name, value] of fields) {
    switch (name) {
      case "host":
        values.host = added(values.host, value);
        break;
      case "content-length":
        values.contentLength = added(values.contentLength, value);
        break;
      case "transfer-encoding":
        values.transferEncoding = added(values.transferEncoding, value);
        break;
      case "connection":
        values.connection = added(values.connection, value);
        break;
      case "upgrade":
        values.upgrade = added(values.upgrade, value);
        break;
      case "expect":
        values.expect = added(values.expect, value);
        break;
    }
  }
  return values;
}

function added(values: readonly string[], value: string): readonly string[] {
  return values === NO_VALUES ? [value] : [...values, value];
}

function readHost(version: HttpVersion, values: readonly string[]): string {
  const [host, second] = values;
  // RFC 9112 §3.2: 400 if an HTTP/1.1 request lacks Host, and if any request
  // has more than one or an invalid one.
  if (host === undefined) {
    if (version === "HTTP/1.1") throw new HttpError("missing_host");
    return "";
  }
  if (second !== undefined) throw new HttpError("duplicate_host");
  if (!isAuthority(host)) throw new HttpError("bad_host");
  return host;
}

function replaceHost(fields: FieldLines, authority: string): FieldLines {
  return fields.map((line) => line[0] === "host" ? ["host", authority] : line);
}

function readUpgrade(
  values: readonly string[],
  { version, connection }: {
    version: HttpVersion;
    connection: readonly string[];
  },
): readonly string[] {
  // RFC 9110 §7.8: Upgrade counts only if Connection lists it, and never in
  // an HTTP/1.0 request.
  if (version === "HTTP/1.0" || !connection.includes("upgrade")) {
    return NO_VALUES;
  }
  const protocols = parseProtocolList(values);
  if (protocols === undefined) throw new HttpError("bad_upgrade");
  return protocols;
}

function readExpect(values: readonly string[]): boolean {
  let expectsContinue = false;
  for (const value of values) {
    for (const part of value.split(",")) {
      const expectation = trimOws(part).toLowerCase();
      if (expectation === "") continue;
      // RFC 9110 §10.1.1: 417 for an expectation that is not 100-continue.
      if (expectation !== "100-continue") {
        throw new HttpError("expectation_failed");
      }
      expectsContinue = true;
    }
  }
  return expectsContinue;
}
