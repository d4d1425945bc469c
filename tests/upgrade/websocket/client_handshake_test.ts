import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  checkAnswer,
  CLIENT_HANDSHAKE_ERRORS,
  type ClientHandshake,
  type ClientHandshakeErrorCode,
  type ClientHandshakeOptions,
  offerHandshake,
  readWebSocketUrl,
  WebSocketHandshakeError,
} from "../../../upgrade/websocket/client_handshake.ts";
import { ExtensionError } from "../../../upgrade/websocket/extension_error.ts";
import { acceptKey } from "../../../upgrade/websocket/handshake.ts";

/** The answer of a server that agrees, but for what is changed. */
function answer(
  offer: ClientHandshake,
  changes: Readonly<Record<string, string | null>> = {},
  status = 101,
): Response {
  const headers = new Headers({
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-accept": acceptKey(offer.key),
  });
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return new Response(null, { status, headers });
}

/** Asserts that an answer is refused with a code, and gives the error. */
function assertRefused(
  code: ClientHandshakeErrorCode,
  changes: Readonly<Record<string, string | null>>,
  options: ClientHandshakeOptions = {},
): WebSocketHandshakeError {
  const offer = offerHandshake(options);
  const response = answer(offer, changes);
  const error = assertThrows(
    () => checkAnswer(response, offer),
    WebSocketHandshakeError,
  );
  assertEquals(error.code, code, JSON.stringify(changes));
  assertStrictEquals(error.response, response);
  return error;
}

Deno.test("WebSocketHandshakeError() has the code and words of its table", () => {
  const codes = Object.keys(
    CLIENT_HANDSHAKE_ERRORS,
  ) as ClientHandshakeErrorCode[];
  for (const code of codes) {
    const error = new WebSocketHandshakeError(code);
    assertEquals([error.name, error.code], ["WebSocketHandshakeError", code]);
    assertEquals(error.message, CLIENT_HANDSHAKE_ERRORS[code]);
    assertMatch(error.message, /^[A-Z].+\.$/);
    assertStrictEquals(error.response, undefined);
  }
});

Deno.test("WebSocketHandshakeError() says the status of its response, and keeps the cause", () => {
  const response = new Response("no", { status: 403 });
  const cause = new Error("cause");
  const error = new WebSocketHandshakeError("handshake_refused", {
    response,
    cause,
  });
  assertMatch(error.message, / had status 403\.$/);
  assertStrictEquals(error.response, response);
  assertStrictEquals(error.cause, cause);
});

Deno.test("readWebSocketUrl() takes ws, wss, http and https", () => {
  for (
    const [url, href] of [
      ["ws://a.example", "ws://a.example/"],
      ["WSS://A.example:443/x?y=1", "wss://a.example/x?y=1"],
      ["http://a.example:80/", "ws://a.example/"],
      ["https://[::1]:8443/x", "wss://[::1]:8443/x"],
    ] as const
  ) {
    assertEquals(readWebSocketUrl(url).href, href);
    assertEquals(readWebSocketUrl(new URL(url)).href, href);
  }
});

Deno.test("readWebSocketUrl() leaves the URL that it is given as it is", () => {
  const url = new URL("http://a.example/");
  readWebSocketUrl(url);
  assertEquals(url.href, "http://a.example/");
});

Deno.test("readWebSocketUrl() throws when there is a fragment, credentials or another scheme", () => {
  for (
    const [url, words] of [
      ["ws://a.example/#part", "fragment"],
      ["ws://a.example/#", "fragment"],
      ["ws://user@a.example/", "user name"],
      ["ws://:secret@a.example/", "password"],
      ["ftp://a.example/", "ftp:"],
      ["file:///a", "file:"],
      ["/chat", "Invalid URL"],
    ] as const
  ) {
    assertThrows(() => readWebSocketUrl(url), TypeError, words);
  }
});

Deno.test("offerHandshake() makes every field that the RFC demands", () => {
  const { headers, key } = offerHandshake();
  assertEquals(Object.fromEntries(headers), {
    "connection": "Upgrade",
    "sec-websocket-key": key,
    "sec-websocket-version": "13",
    "upgrade": "websocket",
  });
});

Deno.test("offerHandshake() makes a key of 16 bytes, anew each time", () => {
  const keys = Array.from({ length: 100 }, () => offerHandshake().key);
  assertEquals(new Set(keys).size, 100);
  for (const key of keys) {
    assertEquals(atob(key).length, 16);
    assertMatch(key, /^[A-Za-z0-9+/]{22}==$/);
  }
  assertNotEquals(keys[0]!.slice(0, 8), keys[1]!.slice(0, 8));
});

Deno.test("offerHandshake() adds the given fields, subprotocols and compression", () => {
  const { headers, protocols, deflate } = offerHandshake({
    headers: { authorization: "Bearer x", origin: "https://a.example" },
    protocols: ["chat.v2", "chat.v1"],
    deflate: { ownMaxWindowBits: 10 },
  });
  assertEquals(headers.get("authorization"), "Bearer x");
  assertEquals(headers.get("origin"), "https://a.example");
  assertEquals(headers.get("sec-websocket-protocol"), "chat.v2, chat.v1");
  assertMatch(
    headers.get("sec-websocket-extensions")!,
    /^permessage-deflate; .*client_max_window_bits=10$/,
  );
  assertEquals(protocols, ["chat.v2", "chat.v1"]);
  assertEquals(deflate, { ownMaxWindowBits: 10 });
});

Deno.test("offerHandshake() offers compression when deflate is true, and none when it is false", () => {
  const { headers, deflate } = offerHandshake({ deflate: true });
  assert(headers.has("sec-websocket-extensions"));
  assertEquals(deflate, {});
  const without = offerHandshake({ deflate: false });
  assert(!without.headers.has("sec-websocket-extensions"));
  assertStrictEquals(without.deflate, undefined);
});

Deno.test("offerHandshake() throws when the handshake itself decides about a field", () => {
  for (
    const name of [
      "Host",
      "Upgrade",
      "Connection",
      "Content-Length",
      "Transfer-Encoding",
      "Sec-WebSocket-Key",
      "Sec-WebSocket-Version",
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Extensions",
    ]
  ) {
    const headers = { [name]: "1" };
    const words = name.toLowerCase();
    assertThrows(() => offerHandshake({ headers }), TypeError, words);
  }
});

Deno.test("offerHandshake() throws when a subprotocol is no token or is there twice", () => {
  for (const protocols of [[""], ["a b"], ["a,b"], ["é"]]) {
    assertThrows(() => offerHandshake({ protocols }), TypeError, "token");
  }
  const protocols = ["a", "b", "a"];
  assertThrows(() => offerHandshake({ protocols }), TypeError, "twice");
});

Deno.test("offerHandshake() throws a RangeError when an option of deflate is out of range", () => {
  const deflate = { ownMaxWindowBits: 16 };
  assertThrows(() => offerHandshake({ deflate }), RangeError);
});

Deno.test("checkAnswer() takes an answer that fits, whatever its case", () => {
  const offer = offerHandshake({ protocols: ["a", "B"] });
  assertEquals(checkAnswer(answer(offer), offer), {
    protocol: "",
    extensions: "",
    deflate: undefined,
  });
  const other = answer(offer, {
    "upgrade": "WebSocket",
    "connection": "keep-alive, UPGRADE",
    "sec-websocket-protocol": "B",
  });
  assertEquals(checkAnswer(other, offer).protocol, "B");
});

Deno.test("checkAnswer() says what compression was agreed on", () => {
  const options = { peerContextTakeover: true };
  const offer = offerHandshake({ deflate: options });
  const extensions = "permessage-deflate; client_max_window_bits=11";
  const changes = { "sec-websocket-extensions": extensions };
  const agreed = checkAnswer(answer(offer, changes), offer);
  assertEquals(agreed.extensions, extensions);
  assertEquals(agreed.deflate?.params.ownWindowBits, 11);
  assertEquals(agreed.deflate?.options, options);
  assertStrictEquals(checkAnswer(answer(offer), offer).deflate, undefined);
});

Deno.test("checkAnswer() refuses every status but 101", () => {
  const offer = offerHandshake();
  for (const status of [200, 204, 301, 307, 401, 404, 426, 500]) {
    const response = answer(offer, {}, status);
    const error = assertThrows(
      () => checkAnswer(response, offer),
      WebSocketHandshakeError,
    );
    assertEquals(error.code, "handshake_refused");
    assertStrictEquals(error.response, response);
  }
});

Deno.test("checkAnswer() refuses an Upgrade that is not websocket alone", () => {
  for (
    const upgrade of [null, "", "h2c", "websocket/13", "websocket, websocket"]
  ) {
    assertRefused("upgrade_wrong", { upgrade });
  }
});

Deno.test("checkAnswer() refuses a Connection without upgrade", () => {
  for (const connection of [null, "", "close", "upgraded", "up grade"]) {
    assertRefused("connection_wrong", { connection });
  }
});

Deno.test("checkAnswer() refuses a Sec-WebSocket-Accept that does not fit the key", () => {
  const { key } = offerHandshake();
  for (const accept of [null, "", key, acceptKey(key)]) {
    assertRefused("accept_wrong", { "sec-websocket-accept": accept });
  }
  const offer = offerHandshake();
  const good = acceptKey(offer.key);
  for (
    const accept of [good.toLowerCase(), good.slice(0, -1), `${good}, ${good}`]
  ) {
    const response = answer(offer, { "sec-websocket-accept": accept });
    assertThrows(() => checkAnswer(response, offer), WebSocketHandshakeError);
  }
});

Deno.test("checkAnswer() refuses extensions that were not offered, and says which rule is broken", () => {
  for (
    const [value, deflate, code] of [
      ["permessage-deflate", false, "extension_not_offered"],
      ["x-other", true, "extension_not_offered"],
      ["permessage-deflate;", true, "extensions_malformed"],
      ["permessage-deflate; x", true, "deflate_param_unknown"],
      ["permessage-deflate, permessage-deflate", true, "extension_repeated"],
    ] as const
  ) {
    const changes = { "sec-websocket-extensions": value };
    const { cause } = assertRefused("extensions_wrong", changes, { deflate });
    assertInstanceOf(cause, ExtensionError);
    assertEquals(cause.code, code);
  }
});

Deno.test("checkAnswer() refuses a subprotocol that was not offered", () => {
  for (const protocol of ["other", "CHAT", "chat, chat", ""]) {
    const changes = { "sec-websocket-protocol": protocol };
    assertRefused("subprotocol_not_offered", changes, { protocols: ["chat"] });
    assertRefused("subprotocol_not_offered", changes);
  }
});
