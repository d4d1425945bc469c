import type { OutgoingHttpHeaders } from "node:http2";
import { type HttpError, isFieldValue } from "./http1/mod.ts";
import { declaredLength } from "./response_writer.ts";

// RFC 9113 §8.2.2: a response that has one of them is malformed; with the others
// that belong to a connection (RFC 7540 §3.2.1, RFC 9110 §10.1.4) the engine
// throws.
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** The head of a response, and what it says of the body. */
export interface Http2ResponseHead {
  /** The fields as the engine takes them. */
  readonly fields: OutgoingHttpHeaders;
  /** The length that the body has to have, if that is declared. */
  readonly length: number | undefined;
}

/**
 * Makes the head of a handler's response.
 *
 * @throws {TypeError} if a field has a value that may not be sent
 */
export function headOf({ status, headers }: Response): Http2ResponseHead {
  const fields = fieldsOf(status, headers);
  const contentLength = fields["content-length"] as string | undefined;
  return { fields, length: declaredLength({ contentLength }) };
}

/**
 * Makes fields of a response, its final head or an interim one.
 *
 * @throws {TypeError} if a field has a value that may not be sent
 */
export function fieldsOf(
  status: number,
  lines: Iterable<readonly [name: string, value: string]>,
): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = { ":status": status };
  const cookies: string[] = [];
  for (const [name, value] of lines) {
    if (!isFieldValue(value)) {
      throw new TypeError(
        `Cannot write the field ${JSON.stringify(name)}: ` +
          "its value has a character that no field may have",
      );
    }
    if (name === "set-cookie") cookies.push(value);
    else if (!CONNECTION_FIELDS.has(name)) fields[name] = value;
  }
  if (cookies.length > 0) fields["set-cookie"] = cookies;
  return fields;
}

/** Makes the whole response that reports an error. */
export function errorResponse(
  error: HttpError,
): { fields: OutgoingHttpHeaders; body: Uint8Array } {
  const body = new TextEncoder().encode(`${error.message}\n`);
  const fields = fieldsOf(error.status, [
    ["content-type", "text/plain; charset=utf-8"],
    ["content-length", `${body.length}`],
    ...error.headers.map(([name, value]) =>
      [name.toLowerCase(), value] as const
    ),
  ]);
  return { fields, body };
}
