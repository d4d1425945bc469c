import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../../upgrade/http1/mod.ts";
import {
  acceptKey,
  checkHandshake,
  type HandshakeOptions,
} from "../../../upgrade/websocket/handshake.ts";

type Fields = Readonly<Record<string, string | undefined>>;

const FIELDS: Fields = {
  "host": "chat.example",
  "upgrade": "websocket",
  "connection": "Upgrade",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

/** A valid opening handshake, with some fields changed or left out. */
function request(fields: Fields = {}, init: RequestInit = {}): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries({ ...FIELDS, ...fields })) {
    if (value !== undefined) headers.set(name, value);
  }
  return new Request("http://chat.example/", { ...init, headers });
}

function assertRefused(
  given: Request,
  expected: { status: number; code: string },
  options?: HandshakeOptions,
): HttpError {
  const error = assertThrows(() => checkHandshake(given, options), HttpError);
  const { status, code } = error;
  assertEquals({ status, code }, expected);
  return error;
}

Deno.test("acceptKey() gives the example of RFC 6455 §1.3", () => {
  assertEquals(
    acceptKey("dGhlIHNhbXBsZSBub25jZQ=="),
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  );
});

Deno.test("checkHandshake() answers a valid handshake", () => {
  assertEquals(checkHandshake(request()), {
    protocol: "",
    extensions: "",
    deflate: undefined,
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
    ],
  });
});

Deno.test("checkHandshake() agrees to no extension when some are offered", () => {
  const offer = request({
    "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
  });
  assertEquals(checkHandshake(offer), checkHandshake(request()));
});

Deno.test("checkHandshake() takes Upgrade and Connection as lists in any case", () => {
  for (
    const fields of [
      { upgrade: "WebSocket" },
      { upgrade: "WEBSOCKET" },
      { upgrade: "h2c, websocket" },
      { upgrade: "IRC/6.9 ,websocket,, x" },
      { connection: "upgrade" },
      { connection: "UPGRADE" },
      { connection: "keep-alive, Upgrade" },
      { connection: "close,\tupgrade ,x" },
    ]
  ) {
    checkHandshake(request(fields));
  }
});

Deno.test("checkHandshake() refuses with 405 when the method is not GET", () => {
  for (const method of ["POST", "HEAD", "PUT", "OPTIONS", "DELETE"]) {
    const { headers } = assertRefused(
      request({}, { method }),
      { status: 405, code: "websocket_method" },
    );
    assertEquals(headers, [["Allow", "GET"]]);
  }
});

Deno.test("checkHandshake() refuses with 426 when Upgrade does not list websocket", () => {
  const values = [
    undefined,
    "",
    "h2c",
    "websocket/13",
    "web socket",
    "websockets",
    "websocket;q=1",
    '"websocket"',
  ];
  for (const upgrade of values) {
    const { headers } = assertRefused(
      request({ upgrade }),
      { status: 426, code: "websocket_required" },
    );
    assertEquals(headers, [["Upgrade", "websocket"]]);
  }
});

Deno.test("checkHandshake() refuses with 400 when Connection does not list upgrade", () => {
  const values = [
    undefined,
    "",
    "keep-alive",
    "upgrade-x",
    "up grade",
    "close",
  ];
  for (const connection of values) {
    assertRefused(
      request({ connection }),
      { status: 400, code: "websocket_connection" },
    );
  }
});

Deno.test("checkHandshake() refuses with 426 and names 13 when the version is another", () => {
  for (const version of ["", "0", "8", "12", "14", "013", "13, 13", "13, 8"]) {
    const { headers } = assertRefused(
      request({ "sec-websocket-version": version }),
      { status: 426, code: "websocket_version" },
    );
    assertEquals(headers, [
      ["Sec-WebSocket-Version", "13"],
      ["Upgrade", "websocket"],
    ]);
  }
});

Deno.test("checkHandshake() refuses with 400 and names 13 when there is no version", () => {
  const { headers } = assertRefused(
    request({ "sec-websocket-version": undefined }),
    { status: 400, code: "websocket_version_missing" },
  );
  assertEquals(headers, [["Sec-WebSocket-Version", "13"]]);
});

Deno.test("checkHandshake() refuses with 400 when the key is not 16 bytes in base64", () => {
  const valid = FIELDS["sec-websocket-key"]!;
  const keys = [
    undefined,
    "",
    btoa("x".repeat(15)),
    btoa("x".repeat(17)),
    btoa("x".repeat(32)),
    valid.slice(0, -1),
    valid.slice(0, -2),
    valid + "=",
    valid.replace("Q==", "Q= ="),
    valid.replace("G", "-"),
    valid.replace("G", "_"),
    valid.replace("G", "%"),
    // Two fields, as Headers joins them.
    `${valid}, ${valid}`,
  ];
  for (const key of keys) {
    assertRefused(
      request({ "sec-websocket-key": key }),
      { status: 400, code: "websocket_key" },
    );
  }
});

Deno.test("checkHandshake() chooses the first of its subprotocols that is offered", () => {
  const cases: [offer: string | undefined, chosen: string][] = [
    [undefined, ""],
    ["v1", "v1"],
    ["v1, v2", "v2"],
    ["v2,v1", "v2"],
    ["other, v1", "v1"],
    [" ,v1,, ", "v1"],
    ["other", ""],
    // RFC 6455 §4.2.2: subprotocols are compared exactly.
    ["V1", ""],
    ["V1, v1", "v1"],
  ];
  for (const [offer, chosen] of cases) {
    const { protocol, headers } = checkHandshake(
      request({ "sec-websocket-protocol": offer }),
      { protocols: ["v2", "v1"] },
    );
    assertEquals(protocol, chosen, offer);
    const field = headers.find(([name]) => name === "Sec-WebSocket-Protocol");
    assertEquals(field?.[1] ?? "", chosen, offer);
  }
});

Deno.test("checkHandshake() chooses no subprotocol when it speaks none", () => {
  const offer = request({ "sec-websocket-protocol": "v1" });
  assertEquals(checkHandshake(offer).protocol, "");
});

Deno.test("checkHandshake() refuses with 400 when the subprotocols are not different tokens", () => {
  for (const offer of ["", ",", "a b", "a;b", '"a"', "a, a", "a,b,a"]) {
    assertRefused(
      request({ "sec-websocket-protocol": offer }),
      { status: 400, code: "websocket_protocol" },
    );
  }
});

Deno.test("checkHandshake() refuses with 400 when a subprotocol is required and not offered", () => {
  const options = { protocols: ["v1"], requireProtocol: true };
  for (const offer of [undefined, "v2", "V1"]) {
    assertRefused(
      request({ "sec-websocket-protocol": offer }),
      { status: 400, code: "websocket_protocol_required" },
      options,
    );
  }
  const offer = request({ "sec-websocket-protocol": "v2, v1" });
  assertEquals(checkHandshake(offer, options).protocol, "v1");
});

const SAME_ORIGIN: [origin: string, host: string][] = [
  ["http://chat.example", "chat.example"],
  ["http://chat.example", "chat.example:80"],
  ["http://chat.example", "CHAT.Example"],
  ["http://chat.example:8000", "chat.example:8000"],
  ["http://127.0.0.1:8000", "127.0.0.1:8000"],
  ["http://[::1]:8000", "[::1]:8000"],
  // A proxy has taken TLS away; the browser's Host stays.
  ["https://chat.example", "chat.example"],
  ["https://chat.example", "chat.example:443"],
  ["https://chat.example:8443", "chat.example:8443"],
];

const OTHER_ORIGIN: [origin: string, host: string][] = [
  ["http://evil.example", "chat.example"],
  ["http://chat.example.evil", "chat.example"],
  ["http://evil-chat.example", "chat.example"],
  ["http://sub.chat.example", "chat.example"],
  ["http://chat.example:8000", "chat.example"],
  ["http://chat.example", "chat.example:8000"],
  ["http://chat.example", "chat.example:443"],
  ["https://chat.example", "chat.example:80"],
  ["http://localhost:8000", "127.0.0.1:8000"],
  ["null", "chat.example"],
  ["", "chat.example"],
  ["chat.example", "chat.example"],
  ["file://chat.example", "chat.example"],
  ["ws://chat.example", "chat.example"],
  ["http://chat.example/", "chat.example"],
  ["http://chat.example/path", "chat.example"],
  ["http://user@chat.example", "chat.example"],
  ["http://chat.example, http://chat.example", "chat.example"],
  ["http://evil.example, http://chat.example", "chat.example"],
  ["javascript:chat.example", "chat.example"],
  ["http://", "chat.example"],
];

Deno.test("checkHandshake() takes a page of the same origin", () => {
  for (const [origin, host] of SAME_ORIGIN) {
    checkHandshake(request({ origin, host }));
  }
});

Deno.test("checkHandshake() takes a client that is no browser, without Origin", () => {
  checkHandshake(request({ origin: undefined }), { allowedOrigins: [] });
});

Deno.test("checkHandshake() refuses with 403 when a page is of another origin", () => {
  for (const [origin, host] of OTHER_ORIGIN) {
    assertRefused(
      request({ origin, host }),
      { status: 403, code: "websocket_origin" },
      { allowedOrigins: ["https://app.example"] },
    );
  }
});

Deno.test("checkHandshake() takes an origin that is on the list, exactly", () => {
  const options = { allowedOrigins: ["https://app.example", "null"] };
  for (const origin of [...options.allowedOrigins, "http://chat.example"]) {
    checkHandshake(request({ origin }), options);
  }
  for (
    const origin of [
      "http://app.example",
      "https://app.example:444",
      "https://x.app.example",
      "https://app.example.evil",
    ]
  ) {
    assertRefused(
      request({ origin }),
      { status: 403, code: "websocket_origin" },
      options,
    );
  }
});

Deno.test("checkHandshake() takes every origin when dangerouslyAllowAnyOrigin is set", () => {
  const options = { dangerouslyAllowAnyOrigin: true };
  for (const [origin, host] of OTHER_ORIGIN) {
    checkHandshake(request({ origin, host }), options);
  }
});
