import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSendableCloseCode } from "../../../upgrade/websocket/codes.ts";
import {
  WEBSOCKET_ERRORS,
  WebSocketError,
  type WebSocketErrorCode,
  type WebSocketLimits,
  WebSocketMessage,
  WebSocketProtocol,
} from "../../../upgrade/websocket/mod.ts";
import { feed, feedEveryWay, receive } from "./_feed.ts";
import {
  binaryOf,
  bytesOf,
  clientFrame,
  closing,
  concat,
  decodeFrames,
  frame,
  KEY,
  pattern,
  serverFrame,
} from "./_frames.ts";

const TEXT = 0x1, BINARY = 0x2, CONTINUATION = 0x0;
const CLOSE = 0x8, PING = 0x9, PONG = 0xa;

const ROLES = [
  { role: "server", peer: clientFrame, masked: false, key: KEY },
  { role: "client", peer: serverFrame, masked: true, key: undefined },
] as const;

/** Takes what a protocol has put out. */
function sent(protocol: WebSocketProtocol) {
  const frames = decodeFrames(protocol.output.take());
  protocol.output.release();
  return frames;
}

/** What a peer that has broken a rule is told. */
function farewell(code: WebSocketErrorCode, masked: boolean) {
  const [closeCode, reason] = WEBSOCKET_ERRORS[code];
  const payload = binaryOf(closing(closeCode, reason));
  return [{ fin: true, opcode: CLOSE, masked, payload }];
}

for (const { role, peer, masked, key } of ROLES) {
  /** Asserts that bytes break a rule, and what is said before and then. */
  const assertFails = (
    bytes: Uint8Array,
    code: WebSocketErrorCode,
    limits: WebSocketLimits = {},
  ) => {
    const { error, output } = feedEveryWay(role, bytes, limits);
    assertEquals(error, code);
    assertEquals(output, farewell(code, masked));
  };

  Deno.test(`next() gives messages in order when it is the ${role}`, () => {
    const bytes = concat(
      peer(TEXT, "Grüße 😀"),
      peer(BINARY, bytesOf("\x00\xff")),
      peer(TEXT),
      peer(BINARY),
      peer(TEXT, "\ufeffmarked"),
    );
    assertEquals(feedEveryWay(role, bytes), {
      events: [
        { text: "Grüße 😀" },
        { binary: "\x00\xff" },
        { text: "" },
        { binary: "" },
        { text: "\ufeffmarked" },
      ],
      output: [],
    });
  });

  Deno.test(`next() joins fragments, with control frames between, when it is the ${role}`, () => {
    const bytes = concat(
      peer(TEXT, "fra", 0),
      peer(PING, "a"),
      peer(CONTINUATION, "", 0),
      peer(PONG, "b"),
      peer(CONTINUATION, "gments", 0),
      peer(PING),
      peer(CONTINUATION),
      peer(BINARY, "", 0),
      peer(CONTINUATION, "x"),
    );
    assertEquals(feedEveryWay(role, bytes), {
      events: [
        { ping: "a" },
        { pong: "b" },
        { ping: "" },
        { text: "fragments" },
        { binary: "x" },
      ],
      output: [
        { fin: true, opcode: PONG, masked, payload: "a" },
        { fin: true, opcode: PONG, masked, payload: "" },
      ],
    });
  });

  Deno.test(`next() takes text that is cut within characters when it is the ${role}`, () => {
    const bytes = new TextEncoder().encode("aé€😀z");
    const single = [...bytes].map((byte, i) =>
      peer(
        i === 0 ? TEXT : CONTINUATION,
        Uint8Array.of(byte),
        i === bytes.length - 1 ? 1 : 0,
      )
    );
    const { events, error } = feedEveryWay(role, concat(...single));
    assertEquals(error, undefined);
    assertEquals(events, [{ text: "aé€😀z" }]);
  });

  Deno.test(`next() takes messages of every form of length when it is the ${role}`, () => {
    for (const length of [125, 126, 127, 0xffff, 0x10000, 1 << 20]) {
      const payload = pattern(length);
      const bytes = peer(BINARY, payload);
      const cut = 1000;
      for (
        const pieces of [
          [bytes],
          [bytes.subarray(0, cut), bytes.subarray(cut)],
          [bytes.subarray(0, 20), bytes.subarray(20, -1), bytes.subarray(-1)],
        ]
      ) {
        const { events, error } = feed(role, pieces);
        assertEquals(error, undefined);
        const [event] = events as [{ binary: string }];
        assert(event.binary === binaryOf(payload), `${length}`);
      }
    }
  });

  Deno.test(`next() throws reserved_bits when one is set for the ${role}`, () => {
    for (const rsv of [1, 2, 4]) {
      assertFails(
        frame({ opcode: TEXT, rsv, payload: "a", ...(key && { key }) }),
        "reserved_bits",
      );
    }
  });

  Deno.test(`next() throws reserved_opcode when the opcode is for the ${role}`, () => {
    for (const opcode of [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf]) {
      assertFails(peer(opcode, "a"), "reserved_opcode");
    }
  });

  Deno.test(`next() throws unexpected_continuation when there is no message for the ${role}`, () => {
    for (const fin of [0, 1] as const) {
      assertFails(peer(CONTINUATION, "a", fin), "unexpected_continuation");
      const after = concat(
        peer(TEXT, "a", 0),
        peer(CONTINUATION, "b"),
        peer(CONTINUATION, "c", fin),
      );
      assertFails(after, "unexpected_continuation");
    }
  });

  Deno.test(`next() throws expected_continuation when a message begins in another for the ${role}`, () => {
    for (const opcode of [TEXT, BINARY]) {
      for (const fin of [0, 1] as const) {
        const bytes = concat(peer(BINARY, "a", 0), peer(opcode, "b", fin));
        assertFails(bytes, "expected_continuation");
      }
    }
  });

  Deno.test(`next() throws non_minimal_length when fewer bits do for the ${role}`, () => {
    for (
      const [lengthBits, length] of [[16, 5], [16, 125], [64, 126]] as const
    ) {
      const payload = pattern(length);
      assertFails(
        frame({ opcode: BINARY, payload, lengthBits, ...(key && { key }) }),
        "non_minimal_length",
      );
    }
  });

  Deno.test(`next() throws length_out_of_range when 2^63 bytes are claimed for the ${role}`, () => {
    const claims = 1n << 63n;
    assertFails(
      frame({ opcode: BINARY, claims, ...(key && { key }) }),
      "length_out_of_range",
    );
  });

  Deno.test(`next() throws control_too_long when 126 bytes are claimed for the ${role}`, () => {
    for (const opcode of [CLOSE, PING, PONG]) {
      assertFails(peer(opcode, pattern(126)), "control_too_long");
    }
  });

  Deno.test(`next() throws fragmented_control when a control frame is not final for the ${role}`, () => {
    for (const opcode of [CLOSE, PING, PONG]) {
      assertFails(peer(opcode, "", 0), "fragmented_control");
    }
  });

  Deno.test(`next() throws invalid_utf8 when text is not UTF-8 for the ${role}`, () => {
    for (
      const text of ["\xff", "a\xc3\x28", "\xed\xa0\x80", "\xc0\x80", "\xe2"]
    ) {
      assertFails(peer(TEXT, bytesOf(text)), "invalid_utf8");
      assertFails(
        concat(peer(TEXT, "é", 0), peer(CONTINUATION, bytesOf(text))),
        "invalid_utf8",
      );
    }
  });

  Deno.test(`next() throws invalid_utf8 at the first wrong byte when the rest has not come to the ${role}`, () => {
    const whole = peer(TEXT, concat(bytesOf("ab\xff"), pattern(300)));
    const header = whole.length - 303;
    const protocol = new WebSocketProtocol(role);
    assertEquals([...receive(protocol, whole.subarray(0, header + 2))], []);
    const wrong = whole.subarray(header + 2, header + 3);
    const error = assertThrows(
      () => [...receive(protocol, wrong)],
      WebSocketError,
    );
    assertEquals(error.code, "invalid_utf8");
  });

  Deno.test(`next() throws message_too_big at the header when the claim is over the limit of the ${role}`, () => {
    const claims = [(1n << 20n) + 1n, 1n << 40n, (1n << 63n) - 1n];
    for (const claim of claims) {
      assertFails(
        frame({ opcode: BINARY, claims: claim, ...(key && { key }) }),
        "message_too_big",
      );
    }
  });

  Deno.test(`next() throws message_too_big when fragments are over the limit of the ${role}`, () => {
    const limits = { maxMessageBytes: 10 };
    const ten = concat(peer(BINARY, "12345", 0), peer(CONTINUATION, "67890"));
    assertEquals(feedEveryWay(role, ten, limits).events, [{
      binary: "1234567890",
    }]);
    const eleven = concat(
      peer(BINARY, "12345", 0),
      peer(CONTINUATION, "678901"),
    );
    assertFails(eleven, "message_too_big", limits);
    assertFails(peer(TEXT, "12345678901"), "message_too_big", limits);
  });

  Deno.test(`next() throws too_many_fragments when there are over the limit of the ${role}`, () => {
    const limits = { maxFragments: 3 };
    const empty = peer(CONTINUATION, "", 0);
    const begin = peer(TEXT, "", 0);
    const end = peer(CONTINUATION, "end");
    assertEquals(
      feedEveryWay(role, concat(begin, empty, end, begin, end), limits).events,
      [{ text: "end" }, { text: "end" }],
    );
    assertFails(
      concat(begin, empty, empty, end),
      "too_many_fragments",
      limits,
    );
  });

  Deno.test(`next() takes 65,536 fragments of one byte by default when it is the ${role}`, () => {
    const fragments = Array.from(
      { length: 65_536 },
      (_, i) => peer(i === 0 ? TEXT : CONTINUATION, "a", i === 65_535 ? 1 : 0),
    );
    const { events, error } = feed(role, [concat(...fragments)]);
    assertEquals(error, undefined);
    assertEquals(events, [{ text: "a".repeat(65_536) }]);
  });

  Deno.test(`next() ends 131,073 empty fragments by default when it is the ${role}`, () => {
    const empty = peer(CONTINUATION, "", 0);
    const flood = new Array<Uint8Array>(131_072).fill(empty);
    const { error } = feed(role, [peer(TEXT, "", 0), ...flood]);
    assertEquals(error, "too_many_fragments");
  });

  Deno.test(`next() answers pings with their payload when it is the ${role}`, () => {
    for (const payload of ["", "a", binaryOf(pattern(125))]) {
      assertEquals(feedEveryWay(role, peer(PING, bytesOf(payload))), {
        events: [{ ping: payload }],
        output: [{ fin: true, opcode: PONG, masked, payload }],
      });
    }
  });

  Deno.test(`next() does not answer pongs when it is the ${role}`, () => {
    const payload = binaryOf(pattern(125));
    assertEquals(feedEveryWay(role, peer(PONG, bytesOf(payload))), {
      events: [{ pong: payload }],
      output: [],
    });
  });

  Deno.test(`next() echoes the code when the peer closes to the ${role}`, () => {
    for (let code = 0; code < 0x10000; code += code < 6000 ? 1 : 997) {
      if (!isSendableCloseCode(code)) continue;
      assertEquals(feed(role, [peer(CLOSE, closing(code, "why é"))]), {
        events: [{ close: code, reason: "why é" }],
        output: [{
          fin: true,
          opcode: CLOSE,
          masked,
          payload: binaryOf(closing(code)),
        }],
      });
    }
    const longest = "r".repeat(123);
    assertEquals(
      feedEveryWay(role, peer(CLOSE, closing(1000, longest))).events,
      [{ close: 1000, reason: longest }],
    );
  });

  Deno.test(`next() gives 1005 and answers without a code when the peer's Close to the ${role} has none`, () => {
    assertEquals(feedEveryWay(role, peer(CLOSE)), {
      events: [{ close: 1005, reason: "" }],
      output: [{ fin: true, opcode: CLOSE, masked, payload: "" }],
    });
  });

  Deno.test(`next() throws bad_close_code when the code may not be sent to the ${role}`, () => {
    for (let code = 0; code < 0x10000; code += code < 6000 ? 1 : 997) {
      if (isSendableCloseCode(code)) continue;
      assertEquals(feed(role, [peer(CLOSE, closing(code))]), {
        events: [],
        output: farewell("bad_close_code", masked),
        error: "bad_close_code",
      });
    }
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535]) {
      assertFails(peer(CLOSE, closing(code, "reason")), "bad_close_code");
    }
  });

  Deno.test(`next() throws bad_close_payload when a Close to the ${role} has one byte`, () => {
    assertFails(peer(CLOSE, bytesOf("\x03")), "bad_close_payload");
  });

  Deno.test(`next() throws invalid_utf8 when the reason to the ${role} is not UTF-8`, () => {
    const payload = concat(closing(1000), bytesOf("a\xed\xa0\x80"));
    assertFails(peer(CLOSE, payload), "invalid_utf8");
  });

  Deno.test(`next() ignores what follows a Close when it is the ${role}`, () => {
    const close = peer(CLOSE, closing(1000));
    const bytes = concat(close, peer(TEXT, "late"), peer(PING), close);
    const { events, output, error } = feedEveryWay(role, bytes);
    assertEquals(events, [{ close: 1000, reason: "" }]);
    assertEquals(output.length, 1);
    assertEquals(error, undefined);
  });

  Deno.test(`next() takes a Close in the middle of a message when it is the ${role}`, () => {
    const bytes = concat(peer(TEXT, "unfinis", 0), peer(CLOSE, closing(1001)));
    assertEquals(feedEveryWay(role, bytes).events, [
      { close: 1001, reason: "" },
    ]);
  });

  Deno.test(`next() gives what came before when the peer of the ${role} breaks a rule`, () => {
    const bytes = concat(peer(TEXT, "fine"), peer(PING, "p"), peer(3, "a"));
    const { events, output, error } = feedEveryWay(role, bytes);
    assertEquals(events, [{ text: "fine" }, { ping: "p" }]);
    assertEquals(error, "reserved_opcode");
    assertEquals(output.map(({ opcode }) => opcode), [PONG, CLOSE]);
  });

  Deno.test(`next() gives nothing more when the ${role} has thrown`, () => {
    const protocol = new WebSocketProtocol(role);
    protocol.receive(peer(3));
    assertThrows(() => protocol.next(), WebSocketError);
    assertEquals(protocol.next(), undefined);
    protocol.receive(peer(TEXT, "more"));
    assertEquals(protocol.next(), undefined);
  });

  Deno.test(`send() puts out one final frame a message when it is the ${role}`, () => {
    const protocol = new WebSocketProtocol(role);
    protocol.send("text");
    protocol.send(bytesOf("bytes"));
    protocol.send(bytesOf("buffer").buffer);
    protocol.send(new WebSocketMessage(true, bytesOf("relayed")));
    assertEquals(sent(protocol), [
      { fin: true, opcode: TEXT, masked, payload: "text" },
      { fin: true, opcode: BINARY, masked, payload: "bytes" },
      { fin: true, opcode: BINARY, masked, payload: "buffer" },
      { fin: true, opcode: TEXT, masked, payload: "relayed" },
    ]);
  });

  Deno.test(`close() ends what the ${role} puts out`, () => {
    const protocol = new WebSocketProtocol(role);
    assert(!protocol.closeSent && !protocol.closeReceived);
    protocol.send("last");
    protocol.close(4000, "é");
    assert(protocol.closeSent && !protocol.closeReceived);
    protocol.send("late");
    protocol.ping();
    protocol.close();
    const events = [...receive(protocol, concat(peer(PING), peer(TEXT, "x")))];
    assertEquals(events, [{ ping: "" }, { text: "x" }]);
    assertEquals(sent(protocol), [
      { fin: true, opcode: TEXT, masked, payload: "last" },
      {
        fin: true,
        opcode: CLOSE,
        masked,
        payload: binaryOf(closing(4000, "é")),
      },
    ]);
    assertEquals([...receive(protocol, peer(CLOSE, closing(4000)))], [
      { close: 4000, reason: "" },
    ]);
    assert(protocol.closeReceived);
    assertEquals(sent(protocol), []);
  });

  Deno.test(`next() says nothing more when the peer of the ${role} breaks a rule after close()`, () => {
    const protocol = new WebSocketProtocol(role);
    protocol.close(1000);
    sent(protocol);
    protocol.receive(peer(3));
    assertThrows(() => protocol.next(), WebSocketError);
    assertEquals(sent(protocol), []);
  });
}

Deno.test("next() throws unmasked_frame when a client does not mask", () => {
  for (const opcode of [TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG]) {
    const { error, output } = feedEveryWay("server", serverFrame(opcode, ""));
    assertEquals(error, "unmasked_frame");
    assertEquals(output, farewell("unmasked_frame", false));
  }
});

Deno.test("next() throws masked_frame when a server masks", () => {
  for (const opcode of [TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG]) {
    const { error, output } = feedEveryWay("client", clientFrame(opcode));
    assertEquals(error, "masked_frame");
    assertEquals(output, farewell("masked_frame", true));
  }
});

Deno.test("close() throws a RangeError when the code may not be sent", () => {
  const protocol = new WebSocketProtocol("server");
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2000, 5000, 1e9, 0.5]) {
    assertThrows(() => protocol.close(code), RangeError, `${code}`);
  }
  assertThrows(() => protocol.close(undefined, "why"), RangeError);
  assertThrows(() => protocol.close(1000, "é".repeat(62)), RangeError, "124");
  assert(!protocol.closeSent);
  assertEquals(sent(protocol), []);
  protocol.close(1000, "é".repeat(61) + "e");
  assertEquals(sent(protocol)[0]!.payload.length, 125);
});

Deno.test("close() puts out an empty Close when it gets no code", () => {
  const protocol = new WebSocketProtocol("server");
  protocol.close();
  assertEquals(sent(protocol), [
    { fin: true, opcode: CLOSE, masked: false, payload: "" },
  ]);
});

Deno.test("ping() throws a RangeError when the payload is over 125 bytes", () => {
  const protocol = new WebSocketProtocol("server");
  assertThrows(() => protocol.ping(pattern(126)), RangeError, "126");
  protocol.ping(pattern(125));
  protocol.ping();
  assertEquals(
    sent(protocol).map(({ opcode, payload }) => [
      opcode,
      payload.length,
    ]),
    [[PING, 125], [PING, 0]],
  );
});

Deno.test("next() keeps an event's bytes when others use buffers until the next call", () => {
  const protocol = new WebSocketProtocol("server");
  const whole = clientFrame(BINARY, pattern(5000));
  protocol.receive(whole.slice(0, 2000));
  assertEquals(protocol.next(), undefined);
  protocol.receive(whole.slice(2000));
  const event = protocol.next();
  assert(event?.type === "message");
  const other = new WebSocketProtocol("server");
  for (let i = 0; i < 20; i++) {
    other.send(new Uint8Array(5000).fill(0xee));
    other.receive(clientFrame(BINARY, new Uint8Array(9000)).slice(0, 8000));
    other.next();
  }
  assertEquals(event.bytes, pattern(5000));
});
