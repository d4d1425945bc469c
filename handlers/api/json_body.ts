import { ChatRefusal } from "../chat/mod.ts";
import { type Fields, isObject } from "../chat/requests/fields.ts";
import { ApiRefusal } from "./problem.ts";

/** The largest body of JSON, in bytes. */
export const MAX_JSON_BYTES: number = 64 * 1024;

/**
 * Reads the body of a request as a JSON object.
 *
 * Refuses with `unsupported_media_type`, `body_too_large`, `not_json` or
 * `not_object`.
 */
export async function readJson(request: Request): Promise<Fields> {
  mustNotBeEncoded(request);
  if (mediaType(request) !== "application/json") {
    throw new ApiRefusal("unsupported_media_type", {
      accept: "application/json",
    });
  }
  const bytes = await readBytes(request, MAX_JSON_BYTES);
  const value = parse(bytes);
  if (!isObject(value)) throw new ChatRefusal("not_object");
  return value;
}

/** The media type of a request's body in lower case, without parameters. */
export function mediaType({ headers }: Request): string {
  const field = headers.get("content-type") ?? "";
  return field.replace(/;.*/, "").trim().toLowerCase();
}

/** Refuses a body with a content coding. */
export function mustNotBeEncoded({ headers }: Request): void {
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding.toLowerCase() === "identity") return;
  // RFC 9110 §12.5.3: in an answer of 415 it says which codings are taken.
  throw new ApiRefusal("unsupported_media_type", {
    "accept-encoding": "identity",
  });
}

/** Refuses a body that says that it is too large, before it is read. */
export function mustNotBeLarger({ headers }: Request, most: number): void {
  if (Number(headers.get("content-length") ?? 0) > most) {
    throw new ApiRefusal("body_too_large");
  }
}

async function readBytes(
  request: Request,
  most: number,
): Promise<Uint8Array> {
  mustNotBeLarger(request, most);
  const bytes = new Uint8Array(most);
  let length = 0;
  for await (const chunk of request.body ?? []) {
    if (length + chunk.length > most) throw new ApiRefusal("body_too_large");
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ChatRefusal("not_json");
  }
}
