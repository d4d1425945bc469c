import { decodeBase64Url } from "@std/encoding";
import {
  type FieldLines,
  fieldValues,
  HttpError,
  parseTokenList,
} from "../http1/mod.ts";

/** How many bytes one setting takes: a name of two, a value of four. */
const SETTING_BYTES = 6;

/** The settings that have a meaning, and the values they may have. */
const RANGES: ReadonlyMap<number, readonly [least: number, most: number]> =
  new Map([
    // RFC 9113 §6.5.2: HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS,
    // INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE and MAX_HEADER_LIST_SIZE.
    [1, [0, 2 ** 32 - 1]],
    [2, [0, 1]],
    [3, [0, 2 ** 32 - 1]],
    [4, [0, 2 ** 31 - 1]],
    [5, [2 ** 14, 2 ** 24 - 1]],
    [6, [0, 2 ** 32 - 1]],
  ]);

/**
 * Reads the settings that a client sends with its upgrade to h2c (RFC 7540
 * §3.2.1). Gives the payload of a SETTINGS frame with those of them that have a
 * meaning, each once with its last value: 36 bytes at most.
 *
 * A server may not upgrade when the field is missing or there are several. It
 * could answer in HTTP/1.1 then, as if nothing had been offered, and so it could
 * when the settings are broken; this one refuses the request. Whoever upgrades
 * to HTTP/2 in earnest makes no such mistake, while a proxy that passes `Upgrade`
 * on without understanding it does: what went on behind its back would be a
 * tunnel through all that it checks (h2c smuggling). `Connection` has to list the
 * field, so that a proxy which does understand takes it away.
 *
 * @throws {HttpError} `http2_settings_missing`, `http2_settings_repeated`,
 * `http2_settings_not_in_connection`, `bad_http2_settings`,
 * `http2_setting_out_of_range`
 *
 * @example
 * ```ts
 * import { readHttp2Settings } from "./settings.ts";
 *
 * readHttp2Settings([
 *   ["connection", "Upgrade, HTTP2-Settings"],
 *   ["upgrade", "h2c"],
 *   ["http2-settings", "AAMAAABk"],
 * ]); // MAX_CONCURRENT_STREAMS, 100: 00 03 00 00 00 64
 * ```
 */
export function readHttp2Settings(
  fields: FieldLines,
): Uint8Array<ArrayBuffer> {
  const [value, second] = fieldValues(fields, "http2-settings");
  if (value === undefined) throw new HttpError("http2_settings_missing");
  if (second !== undefined) throw new HttpError("http2_settings_repeated");
  const connection = parseTokenList(fieldValues(fields, "connection"));
  if (!connection?.includes("http2-settings")) {
    throw new HttpError("http2_settings_not_in_connection");
  }
  return encode(readSettings(decode(value)));
}

function decode(value: string): Uint8Array {
  // RFC 7540 §3.2.1: base64url, without "=" at its end, of at least one
  // character; the six bytes of a setting are eight characters.
  if (!/^(?:[\w-]{8})+$/.test(value)) {
    throw new HttpError("bad_http2_settings");
  }
  return decodeBase64Url(value);
}

function readSettings(payload: Uint8Array): Map<number, number> {
  const settings = new Map<number, number>();
  const view = new DataView(payload.buffer, payload.byteOffset);
  for (let at = 0; at < payload.length; at += SETTING_BYTES) {
    const name = view.getUint16(at);
    const value = view.getUint32(at + 2);
    // RFC 9113 §6.5.2: a setting that is not known is ignored.
    const [least, most] = RANGES.get(name) ?? [0, Infinity];
    if (value < least || value > most) {
      throw new HttpError("http2_setting_out_of_range");
    }
    // RFC 9113 §6.5.3: of one that comes twice, the last value counts.
    if (RANGES.has(name)) settings.set(name, value);
  }
  return settings;
}

function encode(settings: Map<number, number>): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(settings.size * SETTING_BYTES);
  const view = new DataView(payload.buffer);
  let at = 0;
  for (const [name, value] of settings) {
    view.setUint16(at, name);
    view.setUint32(at + 2, value);
    at += SETTING_BYTES;
  }
  return payload;
}
