import { assertHead, assertRefused } from "./feed.ts";

const START = "POST / HTTP/1.1\r\nHost: h.example\r\n";
const MAX = `${Number.MAX_SAFE_INTEGER}`;

Deno.test("readBodyFraming() gives none when no field frames a body", () => {
  assertHead(`${START}\r\n`, { body: { kind: "none" } });
});

Deno.test("readBodyFraming() gives a length when Content-Length is digits", () => {
  const cases = [
    ["0", 0],
    ["5", 5],
    ["005", 5],
    [MAX, Number.MAX_SAFE_INTEGER],
    ["\t5 ", 5],
  ] as const;
  for (const [value, length] of cases) {
    assertHead(`${START}Content-Length: ${value}\r\n\r\n`, {
      body: { kind: "length", length },
    });
  }
});

Deno.test("readBodyFraming() throws bad_content_length when it is no number in range", () => {
  const values = [
    "",
    "+5",
    "-5",
    "-0",
    "5.0",
    "5e1",
    "0x5",
    "0b1",
    "5_0",
    "5 5",
    "5;",
    "five",
    "Infinity",
    "\xb2",
    "5\xa0",
    "9007199254740992",
    "18446744073709551616",
    "18446744073709551621",
    "9".repeat(400),
  ];
  for (const value of values) {
    assertRefused(
      `${START}Content-Length: ${value}\r\n\r\n`,
      "bad_content_length",
    );
  }
});

Deno.test("readBodyFraming() takes Content-Length once when it is repeated", () => {
  for (const repeated of ["5, 5", "5,5 ,\t5", "5\r\nContent-Length: 5"]) {
    assertHead(`${START}Content-Length: ${repeated}\r\n\r\n`, {
      body: { kind: "length", length: 5 },
    });
  }
});

Deno.test("readBodyFraming() throws conflicting_content_length when values differ", () => {
  const values = [
    "5, 6",
    "5, 05",
    "5,",
    ",5",
    "5, , 5",
    "5, +5",
    "5\r\nContent-Length: 6",
    "5\r\nContent-Length:",
    "5, 5\r\nContent-Length: 5, 6",
    "\r\nContent-Length: 5",
  ];
  for (const value of values) {
    assertRefused(
      `${START}Content-Length: ${value}\r\n\r\n`,
      "conflicting_content_length",
    );
  }
});

Deno.test("readBodyFraming() gives chunked when that is the only transfer coding", () => {
  for (const value of ["chunked", "Chunked", "CHUNKED", "\tchunked \t"]) {
    assertHead(`${START}Transfer-Encoding: ${value}\r\n\r\n`, {
      body: { kind: "chunked" },
    });
  }
});

Deno.test("readBodyFraming() throws bad_transfer_encoding when chunked is not last and once", () => {
  const values = [
    "",
    ",",
    "gzip",
    "identity",
    "xchunked",
    "chunkedx",
    "x chunked",
    "chunked x",
    "chunked\xa0",
    "\xa0chunked",
    '"chunked"',
    "chunked;q=1",
    "chunked;",
    "chunked, gzip",
    "chunked, identity",
    "chunked, chunked",
    "chunked;a=b, chunked",
    "chunked,",
    ",chunked",
    "gzip,,chunked",
    "gz ip, chunked",
    "gzip\r\nTransfer-Encoding:",
    "chunked\r\nTransfer-Encoding: chunked",
    "chunked\r\nTransfer-Encoding: gzip",
    "chunked\r\nTransfer-Encoding:",
    "\r\nTransfer-Encoding: chunked",
  ];
  for (const value of values) {
    assertRefused(
      `${START}Transfer-Encoding: ${value}\r\n\r\n`,
      "bad_transfer_encoding",
    );
  }
});

Deno.test("readBodyFraming() throws transfer_coding_not_supported when another precedes chunked", () => {
  const values = [
    "gzip, chunked",
    "identity, chunked",
    "x-new;a=b, chunked",
    "x-new ;a=b, chunked",
    "gzip\r\nTransfer-Encoding: chunked",
  ];
  for (const value of values) {
    assertRefused(
      `${START}Transfer-Encoding: ${value}\r\n\r\n`,
      "transfer_coding_not_supported",
    );
  }
});

Deno.test("readBodyFraming() throws when both fields frame the body", () => {
  for (const coding of ["chunked", "gzip", ""]) {
    for (const length of ["0", "5", "x"]) {
      const te = `Transfer-Encoding: ${coding}\r\n`;
      const cl = `Content-Length: ${length}\r\n`;
      for (const fields of [te + cl, cl + te]) {
        assertRefused(
          `${START}${fields}\r\n`,
          "content_length_with_transfer_encoding",
        );
      }
    }
  }
});

Deno.test("readBodyFraming() throws when HTTP/1.0 has Transfer-Encoding", () => {
  for (const fields of ["", "Content-Length: 5\r\n"]) {
    assertRefused(
      `POST / HTTP/1.0\r\n${fields}Transfer-Encoding: chunked\r\n\r\n`,
      "transfer_encoding_in_http_1_0",
    );
  }
});

Deno.test("readBodyFraming() takes a length when HTTP/1.0 has Content-Length", () => {
  assertHead("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", {
    body: { kind: "length", length: 5 },
  });
});

Deno.test("readBodyFraming() throws connect_with_body when CONNECT has one", () => {
  const start = "CONNECT h.example:443 HTTP/1.1\r\nHost: h.example:443\r\n";
  for (const field of ["Content-Length: 5", "Transfer-Encoding: chunked"]) {
    assertRefused(`${start}${field}\r\n\r\n`, "connect_with_body");
  }
  assertHead(`${start}Content-Length: 0\r\n\r\n`, {
    body: { kind: "length", length: 0 },
  });
});
