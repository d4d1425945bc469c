import { CHAR_CLASS, DIGIT, isMadeOf, REG_NAME } from "./char_class.ts";

const MAX_PORT = 65535;
const MAX_PORT_DIGITS = 5;

/** The two parts of `uri-host [ ":" port ]`, RFC 9110 §7.2. */
export interface Authority {
  /** A name, an IPv4 address, or an IPv6 address in brackets. */
  readonly host: string;
  /** The port's digits; empty if the colon or the port is missing. */
  readonly port: string;
}

/**
 * Reads a host with an optional port, or gives `undefined` if it is none.
 *
 * User information, an empty host and a port above 65535 are refused. So is a
 * host that RFC 3986 allows but that no `URL` can hold (such as `1.2.3.999`),
 * because no `Request` could be made of it.
 */
export function parseAuthority(text: string): Authority | undefined {
  const colon = text.lastIndexOf(":");
  const bracket = text.lastIndexOf("]");
  const hasPort = colon > bracket;
  const host = hasPort ? text.slice(0, colon) : text;
  const port = hasPort ? text.slice(colon + 1) : "";
  return isHost(host) && isPort(port) ? { host, port } : undefined;
}

// A connection names the same host in each of its requests.
let lastValid = "";

/** Says whether {@linkcode parseAuthority} can read `text`. */
export function isAuthority(text: string): boolean {
  if (text === lastValid && text !== "") return true;
  if (parseAuthority(text) === undefined) return false;
  lastValid = text;
  return true;
}

function isPort(port: string): boolean {
  return port.length <= MAX_PORT_DIGITS && isMadeOf(port, DIGIT) &&
    Number(port) <= MAX_PORT;
}

function isHost(host: string): boolean {
  if (host.startsWith("[")) {
    // Only these characters may reach the URL parser: it would take a slash
    // or an at sign for the end of the host.
    return /^\[[0-9A-Fa-f:.]+\]$/.test(host) &&
      URL.canParse(`http://${host}/`);
  }
  if (host === "") return false;
  if (isMadeOf(host, REG_NAME) && isPlainName(host)) return true;
  return isMadeOf(host.replaceAll("%", ""), REG_NAME) &&
    URL.canParse(`http://${host}/`);
}

/**
 * Says whether no label of `host` is punycode and its last one cannot be taken
 * for the end of an IPv4 address. A URL parser need not judge such a name.
 */
function isPlainName(host: string): boolean {
  const lastLabel = host.lastIndexOf(".", host.length - 2) + 1;
  const first = CHAR_CLASS[host.charCodeAt(lastLabel)] ?? 0;
  return !(first & DIGIT) && !/xn--/i.test(host);
}
