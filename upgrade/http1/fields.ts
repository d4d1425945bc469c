import { FIELD_VALUE, HTAB, isMadeOf, SP, TOKEN } from "./char_class.ts";

/**
 * The field lines of a message as they came, in order, duplicates kept.
 *
 * Names are lower-cased; values are without the white space around them and
 * hold one character a byte (ISO 8859-1).
 */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** Says whether `text` is a token (RFC 9110 §5.6.2): a field name, a method. */
export function isToken(text: string): boolean {
  return text !== "" && isMadeOf(text, TOKEN);
}

/**
 * Says whether `text` may be sent as a field value (RFC 9110 §5.5): visible
 * characters, spaces, tabs and U+0080 to U+00FF. Nothing in it can end the
 * line it stands on. An empty value is allowed.
 */
export function isFieldValue(text: string): boolean {
  return isMadeOf(text, FIELD_VALUE);
}

/** Gives the values of all lines named `name`, which is in lower case. */
export function fieldValues(fields: FieldLines, name: string): string[] {
  const values: string[] = [];
  for (const line of fields) {
    if (line[0] === name) values.push(line[1]);
  }
  return values;
}

/**
 * Removes spaces and tabs at both ends (OWS, RFC 9110 §5.6.3).
 *
 * `String.prototype.trim` removes more, a no-break space for one, and so would
 * read `chunked` where another recipient reads something else.
 */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/**
 * Reads the tokens of comma-separated lists, such as the values of
 * `Connection`, in lower case. Gives `undefined` if an element is no token.
 *
 * @example
 * ```ts
 * import { parseTokenList } from "./fields.ts";
 *
 * parseTokenList(["keep-alive, Upgrade"]); // ["keep-alive", "upgrade"]
 * parseTokenList(["a b"]); // undefined
 * ```
 */
export function parseTokenList(
  values: Iterable<string>,
): string[] | undefined {
  const tokens: string[] = [];
  for (const element of listElements(values)) {
    if (!isToken(element)) return undefined;
    tokens.push(element.toLowerCase());
  }
  return tokens;
}

/**
 * Reads the protocols of `Upgrade` values, `name[/version]` (RFC 9110 §7.8),
 * with their case kept. Gives `undefined` if an element is no protocol.
 *
 * @example
 * ```ts
 * import { parseProtocolList } from "./fields.ts";
 *
 * parseProtocolList(["websocket, IRC/6.9"]); // ["websocket", "IRC/6.9"]
 * parseProtocolList(["IRC/"]); // undefined
 * ```
 */
export function parseProtocolList(
  values: Iterable<string>,
): string[] | undefined {
  const protocols: string[] = [];
  for (const element of listElements(values)) {
    const slash = element.indexOf("/");
    const valid = slash < 0
      ? isToken(element)
      : isToken(element.slice(0, slash)) && isToken(element.slice(slash + 1));
    if (!valid) return undefined;
    protocols.push(element);
  }
  return protocols;
}

function isOws(code: number): boolean {
  return code === SP || code === HTAB;
}

function listElements(values: Iterable<string>): string[] {
  const elements: string[] = [];
  for (const value of values) {
    if (!value.includes(",")) {
      const element = trimOws(value);
      if (element !== "") elements.push(element);
      continue;
    }
    for (const part of value.split(",")) {
      const element = trimOws(part);
      // RFC 9110 §5.6.1.2: a recipient ignores empty elements.
      if (element !== "") elements.push(element);
    }
  }
  return elements;
}
