const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const PARAMETER = new RegExp(
  `^[ \\t]*;[ \\t]*(?<name>${TOKEN})[ \\t]*=[ \\t]*(?:(?<token>${TOKEN})|"(?<quoted>(?:[^"\\\\]|\\\\.)*)")`,
);
const TYPE = new RegExp(`^[ \\t]*${TOKEN}`);
/** RFC 8187 §3.2: a charset, a language, and escaped bytes. */
const EXTENDED =
  /^utf-8'[\w-]*'(?<escaped>(?:%[0-9a-f]{2}|[\w!#$&+.^`|~-])*)$/i;

/**
 * The file's name of a `Content-Disposition` field (RFC 6266); `undefined` if
 * there is none. `filename*` is preferred to `filename`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readFileName } from "./content_disposition.ts";
 *
 * assertEquals(readFileName('attachment; filename="a b.txt"'), "a b.txt");
 * assertEquals(readFileName("attachment; filename*=UTF-8''%C3%BC"), "ü");
 * ```
 */
export function readFileName(field: string): string | undefined {
  let rest = field.slice(TYPE.exec(field)?.[0].length ?? field.length);
  let plain: string | undefined;
  for (;;) {
    const match = PARAMETER.exec(rest);
    if (match === null) return plain;
    rest = rest.slice(match[0].length);
    const { name, token, quoted } = match.groups!;
    const value = token ?? quoted!.replaceAll(/\\(.)/g, "$1");
    if (name!.toLowerCase() === "filename*") {
      const extended = decodeExtended(value);
      if (extended !== undefined) return extended;
    }
    if (name!.toLowerCase() === "filename") plain ??= value;
  }
}

function decodeExtended(value: string): string | undefined {
  const escaped = EXTENDED.exec(value)?.groups?.escaped;
  try {
    return escaped && decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/**
 * The `Content-Disposition` field of a file with a name (RFC 6266 §4.3): in
 * ASCII as well as that is possible, and with all characters beside it if not.
 */
export function contentDisposition(
  type: "inline" | "attachment",
  name: string,
): string {
  const plain = name.replaceAll(/[^ -~]|["\\%]/gu, "_");
  const field = `${type}; filename="${plain}"`;
  if (plain === name) return field;
  const escaped = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${field}; filename*=UTF-8''${escaped}`;
}
