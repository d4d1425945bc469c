import type { FrameFields } from "../_frames.ts";
import {
  alsoSingly,
  assertConversations,
  BINARY,
  CLOSE,
  CONTINUATION,
  fine,
  PING,
  PONG,
  ROLES,
  TEXT,
  wrong,
} from "./_conversation.ts";

const MESSAGE: FrameFields = { opcode: TEXT, payload: "fine" };
const KINDS = [TEXT, BINARY];
const FINS = [0, 1] as const;

/** The fragments of a message, one for each payload. */
function fragments(opcode: number, payloads: string[]): FrameFields[] {
  return payloads.map((payload, i) => ({
    opcode: i === 0 ? opcode : CONTINUATION,
    payload,
    fin: i === payloads.length - 1 ? 1 : 0,
  }));
}

for (const role of ROLES) {
  for (const opcode of KINDS) {
    const kind = opcode === TEXT ? "text" : "a binary message";

    Deno.test(`a ${role} joins ${kind} when it comes in fragments`, () =>
      assertConversations(
        role,
        alsoSingly(
          [
            ["frag", "ment"],
            ["a", "b", "c", "d", "e"],
            ["", ""],
            ["", "", ""],
            ["", "in the middle", ""],
            ["at the start", "", ""],
            ["", "", "at the end"],
            [..."one character in each of them"],
            ["long ".repeat(40), "longer ".repeat(40)],
          ].map((payloads) =>
            fine(fragments(opcode, payloads), [
              { opcode, payload: payloads.join("") },
            ])
          ),
        ),
      ));

    Deno.test(`a ${role} joins ${kind} when control frames come between its fragments`, () => {
      const payloads = ["fragment1", "fragment2", "fragment3", "", "fragment5"];
      const pings = payloads.map((_, i) => ({
        opcode: PING,
        payload: `ping ${i}`,
      }));
      const says = fragments(opcode, payloads)
        .flatMap((one, i) => [
          one,
          { opcode: PONG, payload: "unasked" },
          pings[i]!,
          pings[i]!,
        ]);
      const pongs = pings.flatMap((one) => [
        { ...one, opcode: PONG },
        { ...one, opcode: PONG },
      ]);
      // The pings of the last fragment come when the message is whole.
      const hears = [
        ...pongs.slice(0, -2),
        { opcode, payload: payloads.join("") },
        ...pongs.slice(-2),
      ];
      return assertConversations(role, alsoSingly([fine(says, hears)]));
    });

    Deno.test(`a ${role} refuses another message when ${kind} has not ended`, () =>
      assertConversations(
        role,
        alsoSingly(
          KINDS.flatMap((second) =>
            FINS.flatMap((fin) => [
              wrong("expected_continuation", [
                { opcode, fin: 0, payload: "fragment1" },
                { opcode: second, fin, payload: "fragment2" },
              ]),
              wrong(
                "expected_continuation",
                [
                  { opcode, fin: 0, payload: "fragment1" },
                  { opcode: PING, payload: "ping" },
                  { opcode: CONTINUATION, fin: 0, payload: "fragment2" },
                  { opcode: second, fin },
                ],
                [{ opcode: PONG, payload: "ping" }],
              ),
            ])
          ),
        ),
      ));

    Deno.test(`a ${role} refuses a continuation when ${kind} has ended`, () =>
      assertConversations(
        role,
        alsoSingly(FINS.map((fin) =>
          wrong(
            "unexpected_continuation",
            [
              ...fragments(opcode, ["frag", "ment"]),
              { opcode: CONTINUATION, fin, payload: "more" },
            ],
            [{ opcode, payload: "fragment" }],
          )
        )),
      ));
  }

  Deno.test(`a ${role} keeps messages apart when many come in fragments`, () => {
    const messages = Array.from({ length: 100 }, (_, i) => ({
      opcode: KINDS[i % 2]!,
      payloads: Array.from({ length: i % 7 + 1 }, (_, j) => `${i}.${j} `),
    }));
    const says = messages.flatMap(({ opcode, payloads }) =>
      fragments(opcode, payloads)
    );
    const hears = messages.map(({ opcode, payloads }) => ({
      opcode,
      payload: payloads.join(""),
    }));
    return assertConversations(role, [
      fine(says, hears),
      fine(says, hears, 7),
    ]);
  });

  Deno.test(`a ${role} refuses a continuation when there is no message`, () =>
    assertConversations(
      role,
      alsoSingly(FINS.flatMap((fin) =>
        ["", "fragment"].flatMap((payload) => {
          const lonely = { opcode: CONTINUATION, fin, payload };
          return [
            wrong("unexpected_continuation", [lonely]),
            wrong("unexpected_continuation", [MESSAGE, lonely, MESSAGE], [
              MESSAGE,
            ]),
          ];
        })
      )),
    ));

  for (const opcode of [CLOSE, PING, PONG]) {
    Deno.test(`a ${role} refuses a control frame in fragments when its opcode is ${opcode}`, () =>
      assertConversations(
        role,
        alsoSingly([
          wrong("fragmented_control", [{ opcode, fin: 0 }]),
          wrong("fragmented_control", fragments(opcode, ["frag", "ment"])),
          wrong("fragmented_control", [
            { opcode: TEXT, fin: 0, payload: "a" },
            { opcode, fin: 0, payload: "b" },
            { opcode: CONTINUATION, payload: "c" },
          ]),
        ]),
      ));
  }
}
