import { METHODS } from "node:http";
import type { SeenRequest } from "./account.ts";

/** A class of requests that Switchboard takes and `node:http` does not, or not so. */
export interface ReviewedCase {
  /** What the class is called in the summary. */
  readonly name: string;
  /** The section that has such requests taken. */
  readonly section: string;
  /** Why taking them is right, and safe in front of another recipient. */
  readonly reason: string;
  /**
   * Whether a request is of this class: what Switchboard took, what the other
   * made of it if it took the head, and the stream it came in.
   */
  covers(
    our: SeenRequest,
    their: SeenRequest | undefined,
    stream: string,
  ): boolean;
}

const METHOD_NAMES: ReadonlySet<string> = new Set(METHODS);

/** All such classes; anything else that only Switchboard takes is a fault. */
export const REVIEWED: readonly ReviewedCase[] = [
  {
    name: "a method that node:http does not know",
    section: "RFC 9110 §9.1",
    reason:
      "A method is any token, case matters, and whether it is allowed is for " +
      "the handler to say. Node has a fixed table.",
    covers: ({ method }, their) =>
      their === undefined && !METHOD_NAMES.has(method),
  },
  {
    name: "Content-Length repeated",
    section: "RFC 9110 §8.6",
    reason: "A list of one number repeated may be taken as that number. Node " +
      "refuses it, so no two recipients find different ends.",
    covers: ({ fields }, their) =>
      their === undefined &&
      fields.some(([name, value]) =>
        name === "content-length" && /^(\d+)(?:[ \t]*,[ \t]*\1)+$/.test(value)
      ),
  },
  {
    name: "white space in chunk extensions",
    section: "RFC 9112 §7.1.1",
    reason:
      "The grammar has optional white space around the semicolon and the " +
      "equals sign of an extension. Node refuses it; the size before it is " +
      "not in doubt.",
    covers: (_our, their, stream) =>
      their?.state === "refused" &&
      /^[0-9A-F]+(?:[ \t]+;|;[^\r\n]*[ \t])/im.test(stream),
  },
  {
    name: "a tab after a framing value",
    section: "RFC 9110 §5.6.3",
    reason:
      "The white space around a value is spaces and tabs. Node takes a tab " +
      "after these values for a part of them: it refuses the request, or if " +
      "that is an upgrade hands over the connection before the body.",
    covers: (_our, their, stream) =>
      (their === undefined || their.state === "refused" ||
        their.tunnel !== undefined) &&
      /^(?:content-length|transfer-encoding):[^\r\n]*\t *\r$/im.test(stream),
  },
  {
    name: "a request after Proxy-Connection: close",
    section: "RFC 9112 §C.2.2",
    reason:
      "Proxy-Connection is no field of HTTP/1.1, so it ends nothing. Node " +
      "takes it for Connection and refuses what follows.",
    covers: (_our, their, stream) =>
      their === undefined && /^proxy-connection:[ \t]*close/im.test(stream),
  },
  {
    name: "a request after Connection: close in trailers",
    section: "RFC 9110 §6.5.1",
    reason:
      "A trailer field is not merged into the head unless its definition " +
      "allows it, which that of Connection does not. Node refuses what follows.",
    covers: (_our, their, stream) =>
      their === undefined &&
      /^0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*connection:[ \t]*close/im.test(
        stream,
      ),
  },
  {
    name: "a framing field in trailers that go on",
    section: "RFC 9110 §6.5.1",
    reason:
      "Node refuses the field as it comes; Switchboard waits for the end of " +
      "the trailers and refuses them then. The request is not complete yet.",
    covers: (our, their, stream) =>
      our.state === "waiting" && their?.state === "refused" &&
      /^0[^\r\n]*\r\n(?:[^\r\n]+\r\n)*(?:content-length|transfer-encoding):/im
        .test(stream.slice(stream.lastIndexOf("\r\n0"))),
  },
  {
    name: "Upgrade in an HTTP/1.0 request",
    section: "RFC 9110 §7.8",
    reason:
      "A server must ignore Upgrade in HTTP/1.0, so what follows is HTTP. " +
      "Node hands the connection over.",
    covers: (_our, their) =>
      their?.tunnel !== undefined && their.version === "1.0",
  },
  {
    name: "Upgrade before the end of the body",
    section: "RFC 9110 §7.8",
    reason:
      "A client may use the new protocol after the whole request only. Node " +
      "hands the connection over although the body is incomplete or faulty.",
    covers: (_our, their) =>
      their?.tunnel !== undefined && their.state === "waiting",
  },
];
