import { isToken } from "../http1/mod.ts";

/** A parameter of an {@linkcode Extension}; without a value it is a flag. */
export type ExtensionParam = readonly [name: string, value?: string];

/** One element of `Sec-WebSocket-Extensions` (RFC 6455 §9.1). */
export interface Extension {
  /** The name as it came: names are compared exactly. */
  readonly name: string;
  /** The parameters in their order, duplicates kept; values are tokens. */
  readonly params: readonly ExtensionParam[];
}

// What stands between the delimiters; whether it is a token is asked apart.
const NAME = /[ \t]*([^ \t,;="\\]+)/y;
const PARAM =
  /[ \t]*;[ \t]*([^ \t,;="\\]+)(?:[ \t]*=[ \t]*(?:([^ \t,;="\\]+)|"((?:[^"\\]|\\.)*)"))?/y;
const DELIMITER = /[ \t]*(?:,|$)/y;

/**
 * Reads a `Sec-WebSocket-Extensions` value, several fields joined by commas
 * (RFC 6455 §9.1). A quoted value stands for what it is without the quotes.
 *
 * Gives `undefined` when the value does not follow the grammar; RFC 6455 §9.1
 * has the connection failed then, on both sides.
 *
 * ```ts
 * import { parseExtensions } from "./extensions.ts";
 *
 * parseExtensions('permessage-deflate; server_max_window_bits="10"');
 * // [{ name: "permessage-deflate", params: [["server_max_window_bits", "10"]] }]
 * parseExtensions("permessage-deflate;"); // undefined
 * ```
 */
export function parseExtensions(value: string): Extension[] | undefined {
  const extensions: Extension[] = [];
  let at = 0;
  while (at < value.length) {
    // RFC 2616 §2.1, whose lists RFC 6455 uses: elements may be empty.
    const name = matchAt(NAME, value, at);
    if (name !== undefined) {
      at = NAME.lastIndex;
      const params: ExtensionParam[] = [];
      for (
        let param = matchAt(PARAM, value, at);
        param !== undefined;
        param = matchAt(PARAM, value, at)
      ) {
        at = PARAM.lastIndex;
        params.push(paramOf(param));
      }
      if (!isToken(name[1]!) || !params.every(isMadeOfTokens)) return undefined;
      extensions.push({ name: name[1]!, params });
    }
    if (matchAt(DELIMITER, value, at) === undefined) return undefined;
    at = DELIMITER.lastIndex;
  }
  return extensions.length > 0 ? extensions : undefined;
}

/**
 * Writes a `Sec-WebSocket-Extensions` value (RFC 6455 §9.1). Names and values
 * have to be tokens.
 *
 * ```ts
 * import { formatExtensions } from "./extensions.ts";
 *
 * formatExtensions([{ name: "permessage-deflate", params: [["a"], ["b", "1"]] }]);
 * // "permessage-deflate; a; b=1"
 * ```
 */
export function formatExtensions(extensions: readonly Extension[]): string {
  return extensions.map(({ name, params }) =>
    [
      name,
      ...params.map(([param, value]) =>
        value === undefined ? param : `${param}=${value}`
      ),
    ].join("; ")
  ).join(", ");
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function paramOf(match: RegExpExecArray): ExtensionParam {
  const [, name, token, quoted] = match;
  const value = token ?? quoted?.replaceAll(/\\(.)/g, "$1");
  return value === undefined ? [name!] : [name!, value];
}

// RFC 6455 §9.1: a quoted value, too, has to be a token once it is unescaped.
function isMadeOfTokens([name, value]: ExtensionParam): boolean {
  return isToken(name) && (value === undefined || isToken(value));
}
