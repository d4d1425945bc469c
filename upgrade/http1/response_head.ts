import { readResponseFraming, type ResponseFraming } from "./body_framing.ts";
import {
  type FieldLines,
  fieldValues,
  parseProtocolList,
  parseTokenList,
} from "./fields.ts";
import { readKeepAlive } from "./keep_alive.ts";
import { HttpResponseError } from "./response_errors.ts";
import type { HttpVersion } from "./version_parser.ts";

/** The parts of a response head as they came. */
export interface RawResponseHead {
  /** The version that the server speaks. */
  readonly version: HttpVersion;
  /** The status, 100 to 599. */
  readonly status: number;
  /** The reason phrase, one character a byte; may be empty. */
  readonly reason: string;
  /** All field lines. */
  readonly fields: FieldLines;
}

/** The head of a response that was received, checked. */
export interface ReceivedResponseHead extends RawResponseHead {
  /** How the end of the body is found. */
  readonly body: ResponseFraming;
  /** Whether the server lets the connection serve a further request. */
  readonly keepAlive: boolean;
  /** The protocols that a 101 switches to; empty for any other status. */
  readonly upgrade: readonly string[];
}

/**
 * Checks the field lines that decide where a response ends and what follows it.
 *
 * @param method the method of the request that it answers
 * @throws {HttpResponseError} `bad_connection`, `bad_switch`
 * @throws {HttpError} what {@linkcode readResponseFraming} throws
 */
export function readResponseHead(
  raw: RawResponseHead,
  method: string,
): ReceivedResponseHead {
  const { version, status, fields } = raw;
  const connection = parseTokenList(fieldValues(fields, "connection"));
  if (connection === undefined) throw new HttpResponseError("bad_connection");
  const body = readResponseFraming({
    method,
    status,
    version,
    contentLength: fieldValues(fields, "content-length"),
    transferEncoding: fieldValues(fields, "transfer-encoding"),
  });
  return {
    ...raw,
    body,
    keepAlive: body.kind !== "until_close" &&
      readKeepAlive(version, connection),
    upgrade: status === 101 ? readSwitch(raw, connection) : [],
  };
}

function readSwitch(
  { version, fields }: RawResponseHead,
  connection: readonly string[],
): readonly string[] {
  const protocols = parseProtocolList(fieldValues(fields, "upgrade")) ?? [];
  // RFC 9110 §15.2.2: a 101 says in Upgrade what follows it. RFC 9110 §7.8: who
  // sends Upgrade lists it in Connection, and HTTP/1.0 knows neither.
  if (
    version === "HTTP/1.0" || !connection.includes("upgrade") ||
    protocols.length === 0
  ) throw new HttpResponseError("bad_switch");
  return protocols;
}
