import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  acceptDeflate,
  confirmDeflate,
  type DeflateParams,
  offerDeflate,
} from "../../../upgrade/websocket/deflate_negotiation.ts";
import type { DeflateOptions } from "../../../upgrade/websocket/deflate_options.ts";
import {
  ExtensionError,
  type ExtensionErrorCode,
} from "../../../upgrade/websocket/extension_error.ts";

const NAME = "permessage-deflate";
const SNCT = "server_no_context_takeover";
const CNCT = "client_no_context_takeover";
const SMWB = "server_max_window_bits";
const CMWB = "client_max_window_bits";

/** Options that allow everything, so that the other side decides. */
const ALL: DeflateOptions = {
  ownContextTakeover: true,
  peerContextTakeover: true,
};

/** The parameters of an agreement: context own, peer; bits own, peer. */
function params(
  [ownContext, peerContext]: [own: boolean, peer: boolean],
  [ownWindowBits, peerWindowBits]: [own: number, peer: number] = [15, 15],
): DeflateParams {
  return {
    ownNoContextTakeover: !ownContext,
    peerNoContextTakeover: !peerContext,
    ownWindowBits,
    peerWindowBits,
  };
}

interface Accepted {
  readonly offer: string;
  readonly options?: DeflateOptions;
  readonly answer: string;
  readonly params: DeflateParams;
}

const ACCEPTED: Readonly<Record<string, Accepted>> = {
  "it has no parameters": {
    offer: NAME,
    answer: NAME,
    params: params([true, true]),
  },
  "it has no parameters and the options have none": {
    offer: NAME,
    options: {},
    answer: `${NAME}; ${SNCT}; ${CNCT}`,
    params: params([false, false]),
  },
  "it is Chromium's": {
    offer: `${NAME}; ${CMWB}`,
    options: {},
    answer: `${NAME}; ${SNCT}; ${CNCT}`,
    params: params([false, false]),
  },
  "the server is to take over no context": {
    offer: `${NAME}; ${SNCT}`,
    answer: `${NAME}; ${SNCT}`,
    params: params([false, true]),
  },
  "the client hints that it takes over no context": {
    offer: `${NAME}; ${CNCT}`,
    answer: `${NAME}; ${CNCT}`,
    params: params([true, false]),
  },
  "the server takes over no context of its own": {
    offer: NAME,
    options: { ...ALL, ownContextTakeover: false },
    answer: `${NAME}; ${SNCT}`,
    params: params([false, true]),
  },
  "the server lets the client take over no context": {
    offer: NAME,
    options: { ...ALL, peerContextTakeover: false },
    answer: `${NAME}; ${CNCT}`,
    params: params([true, false]),
  },
  "the server's window is to be smaller": {
    offer: `${NAME}; ${SMWB}=10`,
    answer: `${NAME}; ${SMWB}=10`,
    params: params([true, true], [10, 15]),
  },
  "the server's window is smaller than it is to be": {
    offer: `${NAME}; ${SMWB}=12`,
    options: { ...ALL, ownMaxWindowBits: 9 },
    answer: `${NAME}; ${SMWB}=9`,
    params: params([true, true], [9, 15]),
  },
  "the server's window may be the largest": {
    offer: `${NAME}; ${SMWB}=15`,
    answer: `${NAME}; ${SMWB}=15`,
    params: params([true, true]),
  },
  "nobody asks for the server's smaller window": {
    offer: NAME,
    options: { ...ALL, ownMaxWindowBits: 11 },
    answer: `${NAME}; ${SMWB}=11`,
    params: params([true, true], [11, 15]),
  },
  "the client's window can be limited, but need not": {
    offer: `${NAME}; ${CMWB}`,
    answer: NAME,
    params: params([true, true]),
  },
  "the client's window can and has to be limited": {
    offer: `${NAME}; ${CMWB}`,
    options: { ...ALL, peerMaxWindowBits: 8 },
    answer: `${NAME}; ${CMWB}=8`,
    params: params([true, true], [15, 8]),
  },
  "the client hints at a smaller window": {
    offer: `${NAME}; ${CMWB}=10`,
    answer: `${NAME}; ${CMWB}=10`,
    params: params([true, true], [15, 10]),
  },
  "the client hints at a smaller window than it has to have": {
    offer: `${NAME}; ${CMWB}=8`,
    options: { ...ALL, peerMaxWindowBits: 12 },
    answer: `${NAME}; ${CMWB}=8`,
    params: params([true, true], [15, 8]),
  },
  "the client hints at a larger window than it may have": {
    offer: `${NAME}; ${CMWB}=14`,
    options: { ...ALL, peerMaxWindowBits: 12 },
    answer: `${NAME}; ${CMWB}=12`,
    params: params([true, true], [15, 12]),
  },
  "it has all parameters": {
    offer: `${NAME}; ${CMWB}=9; ${SMWB}=10; ${CNCT}; ${SNCT}`,
    answer: `${NAME}; ${SNCT}; ${CNCT}; ${SMWB}=10; ${CMWB}=9`,
    params: params([false, false], [10, 9]),
  },
  "a value is quoted": {
    offer: `${NAME}; ${SMWB}="10"; ${CMWB}="\\9"`,
    answer: `${NAME}; ${SMWB}=10; ${CMWB}=9`,
    params: params([true, true], [10, 9]),
  },
  "other extensions are offered first": {
    offer: `permessage-bzip2; x=1, foo, ${NAME}; ${SMWB}=12, bar`,
    answer: `${NAME}; ${SMWB}=12`,
    params: params([true, true], [12, 15]),
  },
  "it is the first of two that can be met": {
    offer: `${NAME}; ${SMWB}=10, ${NAME}`,
    answer: `${NAME}; ${SMWB}=10`,
    params: params([true, true], [10, 15]),
  },
  "zlib cannot meet the one before": {
    offer: `${NAME}; ${SMWB}=8, ${NAME}; ${SMWB}=9, ${NAME}`,
    answer: `${NAME}; ${SMWB}=9`,
    params: params([true, true], [9, 15]),
  },
  "the options cannot meet the one before": {
    offer: `${NAME}, ${NAME}; ${CMWB}`,
    options: { ...ALL, peerMaxWindowBits: 14 },
    answer: `${NAME}; ${CMWB}=14`,
    params: params([true, true], [15, 14]),
  },
  "the one before has an unknown parameter": {
    offer: `${NAME}; future, ${NAME}; ${SNCT}`,
    answer: `${NAME}; ${SNCT}`,
    params: params([false, true]),
  },
};

for (
  const [when, { offer, options, answer, params }] of Object.entries(ACCEPTED)
) {
  Deno.test(`acceptDeflate() takes an offer when ${when}`, () => {
    assertEquals(acceptDeflate(offer, options ?? ALL), {
      params,
      header: answer,
    });
  });
}

/** What no side may say, in an offer or in an answer. */
const WRONG_PARAMS: [param: string, code: ExtensionErrorCode][] = [
  ["future", "deflate_param_unknown"],
  ["future=1", "deflate_param_unknown"],
  ["server_max_window_bit=10", "deflate_param_unknown"],
  ["Server_No_Context_Takeover", "deflate_param_unknown"],
  ["SERVER_MAX_WINDOW_BITS=10", "deflate_param_unknown"],
  [`${SNCT}; ${SNCT}`, "deflate_param_repeated"],
  [`${CNCT}; ${CNCT}`, "deflate_param_repeated"],
  [`${SMWB}=10; ${SMWB}=10`, "deflate_param_repeated"],
  [`${CMWB}=10; ${SNCT}; ${CMWB}=11`, "deflate_param_repeated"],
  [`${SNCT}=1`, "deflate_param_invalid"],
  [`${SNCT}=true`, "deflate_param_invalid"],
  [`${CNCT}="1"`, "deflate_param_invalid"],
  [SMWB, "deflate_param_invalid"],
  ...["0", "7", "16", "08", "010", "1", "150", "-9", "+9", "9.0", "0x9", "1e1"]
    .flatMap((value): [string, ExtensionErrorCode][] => [
      [`${SMWB}=${value}`, "deflate_param_invalid"],
      [`${CMWB}=${value}`, "deflate_param_invalid"],
    ]),
];

for (const [param] of WRONG_PARAMS) {
  Deno.test(`acceptDeflate() declines when an offer has ${param}`, () => {
    assertEquals(acceptDeflate(`${NAME}; ${param}`, ALL), undefined);
    assertEquals(
      acceptDeflate(`${NAME}; ${param}, ${NAME}; ${SNCT}`, ALL)?.header,
      `${NAME}; ${SNCT}`,
    );
  });
}

Deno.test("acceptDeflate() declines when nothing is offered that it knows", () => {
  const offers = [
    null,
    "permessage-bzip2",
    "x-webkit-deflate-frame",
    "Permessage-Deflate",
    "permessage-deflate2",
  ];
  for (const offer of offers) {
    assertEquals(acceptDeflate(offer, ALL), undefined);
  }
});

Deno.test("acceptDeflate() declines when the field is malformed", () => {
  for (
    const offer of ["", ",", `${NAME};`, `${NAME}; ${SMWB}=`, `a b, ${NAME}`]
  ) {
    assertEquals(acceptDeflate(offer, ALL), undefined);
  }
});

Deno.test("acceptDeflate() declines a window of 256 bytes, which zlib cannot make", () => {
  assertEquals(acceptDeflate(`${NAME}; ${SMWB}=8`, ALL), undefined);
});

Deno.test("acceptDeflate() declines when the client's window cannot be limited", () => {
  const options = { ...ALL, peerMaxWindowBits: 14 };
  assertEquals(acceptDeflate(`${NAME}; ${SMWB}=10`, options), undefined);
});

const OFFERED: [options: DeflateOptions, offer: string][] = [
  [{}, `${NAME}; ${SNCT}; ${CNCT}; ${CMWB}`],
  [ALL, `${NAME}; ${CMWB}`],
  [{ peerContextTakeover: true }, `${NAME}; ${CNCT}; ${CMWB}`],
  [{ ownContextTakeover: true }, `${NAME}; ${SNCT}; ${CMWB}`],
  [{ ...ALL, ownMaxWindowBits: 9 }, `${NAME}; ${CMWB}=9`],
  [{ ...ALL, peerMaxWindowBits: 8 }, `${NAME}; ${SMWB}=8; ${CMWB}`],
  [
    { peerMaxWindowBits: 10, ownMaxWindowBits: 11 },
    `${NAME}; ${SNCT}; ${CNCT}; ${SMWB}=10; ${CMWB}=11`,
  ],
];

for (const [options, offer] of OFFERED) {
  Deno.test(`offerDeflate() offers ${offer}`, () => {
    assertEquals(offerDeflate(options), offer);
  });
}

interface Confirmed {
  readonly options?: DeflateOptions;
  readonly answer: string;
  readonly params: DeflateParams;
}

const CONFIRMED: Readonly<Record<string, Confirmed>> = {
  "it has no parameters": { answer: NAME, params: params([true, true]) },
  "it has what was asked for": {
    options: {},
    answer: `${NAME}; ${SNCT}; ${CNCT}`,
    params: params([false, false]),
  },
  "it does not repeat the client's hint": {
    options: {},
    answer: `${NAME}; ${SNCT}`,
    params: params([false, false]),
  },
  "the server takes over no context, unasked": {
    answer: `${NAME}; ${SNCT}`,
    params: params([true, false]),
  },
  "the client is to take over no context": {
    answer: `${NAME}; ${CNCT}`,
    params: params([false, true]),
  },
  "the server's window is smaller, unasked": {
    answer: `${NAME}; ${SMWB}=8`,
    params: params([true, true], [15, 8]),
  },
  "the server's window is as small as asked": {
    options: { ...ALL, peerMaxWindowBits: 10 },
    answer: `${NAME}; ${SMWB}=10`,
    params: params([true, true], [15, 10]),
  },
  "the server's window is smaller than asked": {
    options: { ...ALL, peerMaxWindowBits: 10 },
    answer: `${NAME}; ${SMWB}="9"`,
    params: params([true, true], [15, 9]),
  },
  "the client's window is to be smaller": {
    answer: `${NAME}; ${CMWB}=12`,
    params: params([true, true], [12, 15]),
  },
  "the client's window is to be one that zlib cannot make": {
    answer: `${NAME}; ${CMWB}=8`,
    params: params([true, true], [8, 15]),
  },
  "the client's window is to be smaller than it hinted": {
    options: { ...ALL, ownMaxWindowBits: 12 },
    answer: `${NAME}; ${CMWB}=10`,
    params: params([true, true], [10, 15]),
  },
  "it does not repeat the client's smaller window": {
    options: { ...ALL, ownMaxWindowBits: 12 },
    answer: NAME,
    params: params([true, true], [12, 15]),
  },
};

for (const [when, { options, answer, params }] of Object.entries(CONFIRMED)) {
  Deno.test(`confirmDeflate() takes an answer when ${when}`, () => {
    assertEquals(confirmDeflate(answer, options ?? ALL), params);
  });
}

Deno.test("confirmDeflate() gives undefined when the server agreed to nothing", () => {
  assertEquals(confirmDeflate(null, ALL), undefined);
  assertEquals(confirmDeflate(null, undefined), undefined);
});

interface Refused {
  readonly code: ExtensionErrorCode;
  readonly options?: DeflateOptions;
  readonly answers: string[];
}

const REFUSED: Readonly<Record<string, Refused>> = {
  "it is malformed": {
    code: "extensions_malformed",
    answers: ["", ",", `${NAME};`, `${NAME}; ${SMWB}=`],
  },
  "it has an extension that was not offered": {
    code: "extension_not_offered",
    answers: [
      "permessage-bzip2",
      "Permessage-Deflate",
      `${NAME}, permessage-bzip2`,
    ],
  },
  "it has permessage-deflate twice": {
    code: "extension_repeated",
    answers: [`${NAME}, ${NAME}`, `${NAME}; ${SNCT}, ${NAME}; ${CNCT}`],
  },
  "the server keeps its context, though asked not to": {
    code: "deflate_context_kept",
    options: {},
    answers: [NAME, `${NAME}; ${CNCT}; ${SMWB}=10`],
  },
  "the server's window is larger than asked": {
    code: "deflate_window_too_large",
    options: { ...ALL, peerMaxWindowBits: 10 },
    answers: [NAME, `${NAME}; ${SMWB}=11`, `${NAME}; ${SMWB}=15`],
  },
  "the client's window is to be larger than it hinted": {
    code: "deflate_window_too_large",
    options: { ...ALL, ownMaxWindowBits: 10 },
    answers: [`${NAME}; ${CMWB}=11`, `${NAME}; ${CMWB}=15`],
  },
  "the client's window has no value": {
    code: "deflate_param_invalid",
    answers: [`${NAME}; ${CMWB}`],
  },
};

function assertRefused(
  answer: string,
  options: DeflateOptions | undefined,
  code: ExtensionErrorCode,
): void {
  const error = assertThrows(
    () => confirmDeflate(answer, options),
    ExtensionError,
  );
  assertEquals(error.code, code, answer);
}

for (const [when, { code, options, answers }] of Object.entries(REFUSED)) {
  Deno.test(`confirmDeflate() throws ${code} when ${when}`, () => {
    for (const answer of answers) assertRefused(answer, options ?? ALL, code);
  });
}

for (const [param, code] of WRONG_PARAMS) {
  Deno.test(`confirmDeflate() throws ${code} when the answer has ${param}`, () => {
    assertRefused(`${NAME}; ${param}`, ALL, code);
  });
}

Deno.test("confirmDeflate() throws extension_not_offered when nothing was offered", () => {
  assertRefused(NAME, undefined, "extension_not_offered");
  assertRefused("foo", undefined, "extension_not_offered");
});

const options = (least: number): fc.Arbitrary<DeflateOptions> =>
  fc.record({
    ownContextTakeover: fc.boolean(),
    peerContextTakeover: fc.boolean(),
    ownMaxWindowBits: fc.integer({ min: 9, max: 15 }),
    peerMaxWindowBits: fc.integer({ min: least, max: 15 }),
  }, { requiredKeys: [] });

Deno.test("acceptDeflate() and confirmDeflate() come to the same, seen from both sides", () => {
  fc.assert(
    fc.property(options(9), options(9), (client, server) => {
      const accepted = acceptDeflate(offerDeflate(client), server)!;
      const confirmed = confirmDeflate(accepted.header, client);
      const { params } = accepted;
      assertEquals(confirmed, {
        ownNoContextTakeover: params.peerNoContextTakeover,
        peerNoContextTakeover: params.ownNoContextTakeover,
        ownWindowBits: params.peerWindowBits,
        peerWindowBits: params.ownWindowBits,
      });
      // Nobody gets more than both allow.
      assertEquals(
        params.ownNoContextTakeover,
        !(server.ownContextTakeover && client.peerContextTakeover),
      );
      assertEquals(
        params.peerNoContextTakeover,
        !(server.peerContextTakeover && client.ownContextTakeover),
      );
      assertEquals(
        params.ownWindowBits,
        Math.min(server.ownMaxWindowBits ?? 15, client.peerMaxWindowBits ?? 15),
      );
      assertEquals(
        params.peerWindowBits,
        Math.min(server.peerMaxWindowBits ?? 15, client.ownMaxWindowBits ?? 15),
      );
    }),
    { numRuns: 1000 },
  );
});

Deno.test("acceptDeflate() and confirmDeflate() throw nothing undocumented when fields are random", () => {
  const param = fc.oneof(
    fc.constantFrom(SNCT, CNCT, CMWB, SMWB, "future"),
    fc.tuple(fc.constantFrom(SMWB, CMWB, SNCT), fc.integer({ min: 6, max: 17 }))
      .map(([name, value]) => `${name}=${value}`),
  );
  const extension = fc.tuple(
    fc.constantFrom(NAME, NAME, NAME, "foo"),
    fc.array(param, { maxLength: 4 }),
  ).map(([name, params]) => [name, ...params].join("; "));
  const field = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.array(extension, { maxLength: 3 }).map((e) => e.join(", ")),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  );
  fc.assert(
    fc.property(field, options(8), (field, given) => {
      const accepted = acceptDeflate(field, given);
      if (accepted !== undefined) {
        assertEquals(accepted.params.ownWindowBits >= 9, true);
      }
      try {
        confirmDeflate(field, given);
      } catch (error) {
        if (!(error instanceof ExtensionError)) throw error;
      }
    }),
    { numRuns: 5000 },
  );
});
