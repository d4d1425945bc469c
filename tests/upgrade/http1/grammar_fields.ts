import {
  CONTROLS,
  DELIMITERS,
  NOT_ASCII,
  type Rule,
  TOKEN_CHARS,
  VISIBLE,
} from "./grammar_rule.ts";

const LINE = "GET / HTTP/1.1\r\n";
const HOST = "Host: h.example\r\n";
const START = LINE + HOST;
const POST = "POST / HTTP/1.1\r\n";

/** The rules of lines and of field lines, RFC 9112 §2.2 and §5. */
export const FIELDS: readonly Rule[] = [
  {
    rule: "a line of the head ends with CR LF, RFC 9112 §2.2",
    request: "…",
    accepted: [`${START}X: 1\r\n\r\n`],
    atOnce: true,
    rejected: [
      [400, "bare_lf", "GET\n", "GET \n", "GET /\n", "GET / \n"],
      [400, "bare_lf", "GET / HTTP/1.\n"],
      [400, "bare_lf", "GET / HTTP/1.1\n", `${LINE}\n`, `${START}\n`],
      [400, "bare_lf", `${LINE}Host\n`, `${LINE}Host:\n`, `${LINE}Host: h\n`],
      [400, "bare_lf", `${START}X: 1\nTransfer-Encoding: chunked\r\n\r\n`],
      [400, "bare_lf", `${START}X: 1\n\r\n`, `${START}X: 1\r\n\n`],
      [400, "bare_cr", "GET / HTTP/1.1\rH", "GET / HTTP/1.1\r\r\n"],
      [400, "bare_cr", `${LINE}\rX`, `${START}\rX`, `${START}\r\r\n`],
      [400, "bare_cr", `${START}X: 1\rY: 2\r\n\r\n`, `${START}X: 1\r\r\n\r\n`],
      [400, "bare_cr", `${START}X: 1\r\n\r\r\n`, `${START}X:\r\r\n`],
      [400, "bare_cr", `${START}X: 1\rTransfer-Encoding: chunked\r\n\r\n`],
    ],
  },
  {
    rule: "no line is folded, nor begins with white space, RFC 9112 §5.2",
    request: `${LINE}…\r\n\r\n`,
    accepted: [
      ["Host: h.example", { fields: [["host", "h.example"]] }],
      ["Host: h.example\r\nX: a \t b", {
        fields: [["host", "h.example"], ["x", "a \t b"]],
      }],
    ],
    atOnce: true,
    rejected: [
      [400, "obs_fold", " Host: h.example", "\tHost: h.example"],
      [400, "obs_fold", "Host:\r\n h.example", "Host: h.example\r\n\tfolded"],
      [400, "obs_fold", `${HOST}X: a\r\n b\r\nY: c`],
      [400, "obs_fold", `${HOST}X: a\r\n\t\r\nY: c`],
      [400, "obs_fold", `${HOST} `, `${HOST} \r\n`, `${HOST}\t:`],
      [400, "obs_fold", `${HOST} Content-Length: 5`],
      [400, "obs_fold", `${HOST}Content-Length: 1\r\n 0`],
      [400, "obs_fold", `${HOST}Transfer-Encoding:\r\n chunked`],
      [400, "obs_fold", `${HOST}Transfer-Encoding: x\r\n\tchunked`],
    ],
  },
  {
    rule: "a field name is a token, RFC 9110 §5.1",
    request: `${START}X…Y: v\r\n\r\n`,
    accepted: [
      ["", { fields: [["host", "h.example"], ["xy", "v"]] }],
      [TOKEN_CHARS, {
        fields: [["host", "h.example"], [
          `x${TOKEN_CHARS.toLowerCase()}y`,
          "v",
        ]],
      }],
      [":", { fields: [["host", "h.example"], ["x", "Y: v"]] }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_field_name", ...CONTROLS, ...NOT_ASCII],
      [400, "bad_field_name", ...DELIMITERS.filter((char) => char !== ":")],
      [400, "bad_field_name", " ", "\t", "\r"],
      [400, "bare_lf", "\n"],
    ],
  },
  {
    rule: "a field line has a name and a colon, RFC 9112 §5",
    request: `${START}…\r\n\r\n`,
    accepted: [
      ["X:", { fields: [["host", "h.example"], ["x", ""]] }],
      ["X::", { fields: [["host", "h.example"], ["x", ":"]] }],
      ["X:1\r\nx: 2", {
        fields: [["host", "h.example"], ["x", "1"], ["x", "2"]],
      }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_field_name", ": v", ":", "X\r\n", "X=v", "\0", "\xff", "\x0b"],
      [400, "bad_field_name", "GET /inner HTTP/1.1", '"X": v', "X: 1\r\n:"],
    ],
  },
  {
    rule: "no white space stands before the colon, RFC 9112 §5.1",
    request: `${POST}X: 1\r\n…\r\n\r\n0\r\n\r\n`,
    gives: { authority: "h.example", body: { kind: "chunked" } },
    accepted: [
      `${HOST}Transfer-Encoding: chunked`,
      "Host:h.example\r\nTransfer-Encoding:chunked",
    ],
    atOnce: true,
    rejected: [
      [400, "bad_field_name", "Host : h.example", "Host\t: h.example"],
      [400, "bad_field_name", `${HOST}Transfer-Encoding : chunked`],
      [400, "bad_field_name", `${HOST}Transfer-Encoding\t: chunked`],
      [400, "bad_field_name", `${HOST}Transfer-Encoding\x0b: chunked`],
      [400, "bad_field_name", `${HOST}Transfer-Encoding\0: chunked`],
      [400, "bad_field_name", `${HOST}Transfer-Encoding\xa0: chunked`],
      [400, "bad_field_name", `${HOST}Content-Length : 5`],
      [400, "bad_field_name", `${HOST}Content-Length\t: 5`],
      [400, "bad_field_name", `${HOST}Content-Length\r\n : 5`],
    ],
  },
  {
    rule: "a value has visible characters, spaces and tabs, RFC 9110 §5.5",
    request: `${START}X: a…b\r\n\r\n`,
    accepted: [
      [" \t ", { fields: [["host", "h.example"], ["x", "a \t b"]] }],
      [VISIBLE, { fields: [["host", "h.example"], ["x", `a${VISIBLE}b`]] }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_field_value", ...CONTROLS],
      [400, "bare_lf", "\n"],
      [400, "bare_cr", "\rX", "\r\r\n"],
    ],
  },
  {
    rule: "spaces and tabs around a value are not a part of it, RFC 9110 §5.5",
    request: `${START}X:…\r\n\r\n`,
    accepted: [
      ["", { fields: [["host", "h.example"], ["x", ""]] }],
      [" \t ", { fields: [["host", "h.example"], ["x", ""]] }],
      [" \tv\t ", { fields: [["host", "h.example"], ["x", "v"]] }],
      [" \xa0v\x85 \xa0\t", {
        fields: [["host", "h.example"], ["x", "\xa0v\x85 \xa0"]],
      }],
    ],
    atOnce: true,
    rejected: [[400, "bad_field_value", ...CONTROLS, " \x0bv", "v \x0c"]],
  },
  {
    rule: "there is no body without a framing field, RFC 9112 §6.3",
    request: `${POST}${HOST}…\r\n`,
    gives: { body: { kind: "none" } },
    accepted: [
      "",
      "Content_Length: 5\r\n",
      "Content-Length-: 5\r\n",
      "ContentLength: 5\r\n",
      "X-Content-Length: 5\r\n",
      "Transfer_Encoding: chunked\r\n",
      "TransferEncoding: chunked\r\n",
      "Transfer-Encodin: chunked\r\n",
      "Transfer-Encoding2: chunked\r\n",
      "Content-Encoding: chunked\r\n",
      "TE: chunked\r\n",
    ],
    rejected: [
      [
        400,
        "content_length_with_transfer_encoding",
        "content-length: 0\r\nTRANSFER-ENCODING: chunked\r\n",
        "CONTENT-LENGTH: 0\r\ntRANSFER-eNCODING: chunked\r\n",
      ],
    ],
  },
  {
    rule: "a head has maxFields lines at most, RFC 6585 §5",
    request: `${START}…\r\n`,
    limits: { maxFields: 3 },
    accepted: ["", "X: 1\r\n", "X: 1\r\nY: 2\r\n"],
    atOnce: true,
    rejected: [
      [431, "too_many_fields", "X: 1\r\nY: 2\r\nZ", "X:\r\nX:\r\nX:\r\nX:\r\n"],
    ],
  },
  {
    rule: "a head has maxHeadBytes at most, RFC 6585 §5",
    request: `${START}X: …\r\n\r\n`,
    limits: { maxHeadBytes: 80 },
    accepted: ["", "a".repeat(40)],
    rejected: [
      [431, "head_too_large", "a".repeat(41), "a".repeat(42), "a".repeat(100)],
      [431, "head_too_large", "\r\nX:".repeat(11), " ".repeat(41)],
    ],
  },
];
