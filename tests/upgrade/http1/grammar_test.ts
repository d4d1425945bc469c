import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  HTTP_ERRORS,
  type HttpErrorCode,
  type RequestHead,
} from "../../../upgrade/http1/mod.ts";
import { type Handler, onUpgrade } from "../../../upgrade/mod.ts";
import { connect, type RawSocket } from "../../_raw_socket.ts";
import { assertEnds, type RawResponse, readResponse } from "../_response.ts";
import { withServer } from "../_serve.ts";
import { bytesOf, everySplit, textOf } from "./feed.ts";
import { GRAMMAR } from "./grammar.ts";
import { type Expected, HOLE, type Limits, type Rule } from "./grammar_rule.ts";
import { type Reading, readRequests } from "./read_requests.ts";

const FIRST = "GET /first HTTP/1.1\r\nHost: h.example\r\n\r\n";
const SECOND =
  "GET /second HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n";

/** The codes that a peer cannot cause by what it sends, and what causes them. */
const NOT_BY_BYTES: { readonly [code in HttpErrorCode]?: string } = {
  head_timeout: "the time that passes",
  body_timeout: "the time that passes",
  upgrade_required: "a handler that speaks other protocols only",
  http2_settings_missing: "a server that speaks HTTP/2 too",
  http2_settings_repeated: "a server that speaks HTTP/2 too",
  http2_settings_not_in_connection: "a server that speaks HTTP/2 too",
  bad_http2_settings: "a server that speaks HTTP/2 too",
  http2_setting_out_of_range: "a server that speaks HTTP/2 too",
  connect_over_http2: "a server that speaks HTTP/2 too",
  too_many_connections: "other connections of the same client",
  internal_error: "a handler that throws",
};

/** The one code that is for the connection to find: the parsers take it. */
const MISDIRECTED: HttpErrorCode = "misdirected";

/** A request of the table, with the second one after it. */
interface Stream {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly limits: Limits;
  /** The offset in the middle of the text in question. */
  readonly middle: number;
  /** The offset at which a request that is not allowed is refused at last. */
  readonly deadline: number;
}

/** The error with which a request is refused. */
interface Refusal {
  readonly status: number;
  readonly code: HttpErrorCode;
}

/** A request as a handler saw it. */
interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly content: string;
}

/** A server that tells which requests it saw. */
interface Recorder {
  readonly port: number;
  /** Whether the handler reads bodies. */
  reads: boolean;
  /** Gives the requests seen since the last call, but those for `/first`. */
  take(): SeenRequest[];
}

for (const rule of GRAMMAR) {
  Deno.test(`serve() holds the rule: ${rule.rule}`, async (t) => {
    await withRecorder(rule.limits ?? {}, async (recorder) => {
      for (const accepted of rule.accepted) {
        const [text, expected] = typeof accepted === "string"
          ? [accepted, {}]
          : accepted;
        await t.step(`takes ${quote(text)}`, async () => {
          const stream = fill(rule, text);
          const all = { ...rule.gives, ...expected };
          const head = assertRead(stream, all);
          await assertAnswered(recorder, stream, { head, expected: all });
        });
      }
      for (const [status, code, ...texts] of rule.rejected) {
        for (const text of texts) {
          await t.step(`refuses ${quote(text)} with ${code}`, async () => {
            const stream = fill(rule, text);
            assertUnread(stream, { status, code });
            await assertRefused(recorder, stream, { status, code });
          });
        }
      }
    });
  });
}

Deno.test("GRAMMAR has every code of HTTP_ERRORS when bytes can cause it", () => {
  const inTable = GRAMMAR.flatMap(({ rejected }) =>
    rejected.map(([, code]) => code)
  );
  assertEquals(
    [...new Set<string>([...inTable, ...Object.keys(NOT_BY_BYTES)])].sort(),
    Object.keys(HTTP_ERRORS).sort(),
  );
  for (const code of inTable) assert(!Object.hasOwn(NOT_BY_BYTES, code), code);
});

function fill({ request, limits = {}, atOnce }: Rule, text: string): Stream {
  const [before, after, ...more] = request.split(HOLE);
  assert(before !== undefined && after !== undefined && more.length === 0);
  const textEnd = before.length + text.length;
  return {
    bytes: bytesOf(before + text + after + SECOND),
    limits,
    middle: before.length + Math.ceil(text.length / 2),
    deadline: atOnce ? textEnd : textEnd + after.length,
  };
}

/** Checks that the parsers read the request, then the second one if they may. */
function assertRead(stream: Stream, expected: Expected): RequestHead {
  const { requests: [request, second], refusal, rest } = readEveryWay(stream);
  assertEquals(refusal, undefined);
  assert(request !== undefined, "The request was not seen");
  const { content = "", ...parts } = { keepAlive: true, ...expected };
  assertEquals({ ...request.head, ...parts }, request.head);
  assertEquals(request.content, content);
  assertEquals(second?.head.path, goesOn(expected) ? "/second" : undefined);
  assertEquals(rest, goesOn(expected) ? "" : SECOND);
  return request.head;
}

/** Checks that the parsers refuse the request, in time, and see no second one. */
function assertUnread(stream: Stream, { status, code }: Refusal): void {
  const { requests, refusal } = readEveryWay(stream);
  if (code === MISDIRECTED) return assertEquals(refusal, undefined);
  assertEquals(refusal, { code, status });
  assertEquals(requests, []);
  if (code === "incomplete_body") return;
  const bytewise = Array.from(stream.bytes, (byte) => Uint8Array.of(byte));
  const { given } = readRequests(bytewise, stream.limits);
  assertLessOrEqual(given, stream.deadline, "It was refused too late");
}

/** Reads a stream in all splits, which must not differ. */
function readEveryWay({ bytes, limits }: Stream): Reading {
  const { reading } = readRequests([bytes], limits);
  const whole = JSON.stringify(reading);
  for (const pieces of everySplit(bytes)) {
    const split = JSON.stringify(readRequests(pieces, limits).reading);
    if (split === whole) continue;
    assertEquals(split, whole, `Split as ${quote(pieces.map(textOf))}`);
  }
  return reading;
}

/** Checks that a server answers the request, and the second one if it may. */
async function assertAnswered(
  recorder: Recorder,
  stream: Stream,
  { head, expected }: { head: RequestHead; expected: Expected },
): Promise<void> {
  const { method } = head;
  recorder.reads = true;
  for (const send of [sendWhole, sendInTwo]) {
    using socket = await connect(recorder.port);
    await send(socket, stream);
    if (head.form === "authority") await assertTunnel(socket);
    else await assertResponses(socket, { method, second: goesOn(expected) });
    const [request, second, ...more] = recorder.take();
    assertEquals(request?.method, method);
    assertEquals(request?.fields, headersOf(head));
    assertEquals(request?.content, expected.content ?? "");
    assertEquals(second?.path, goesOn(expected) ? "/second" : undefined);
    assertEquals(more, []);
  }
  if (head.form === "authority") return;
  // A body that nobody reads has the same end.
  recorder.reads = false;
  using socket = await connect(recorder.port);
  await sendWhole(socket, stream);
  // RFC 9110 §10.1.1: the client may have kept back a body that it announced.
  const second = goesOn(expected) && !head.expectsContinue;
  await assertResponses(socket, { method, second });
  assertEquals(recorder.take().length, second ? 2 : 1);
}

async function assertResponses(
  socket: RawSocket,
  { method, second }: { method: string; second: boolean },
): Promise<void> {
  assertEquals((await readResponse(socket, method)).status, 200);
  if (second) assertEquals((await readResponse(socket)).status, 200);
  await assertEnds(socket);
}

/** Checks that what follows a request goes through the tunnel it asked for. */
async function assertTunnel(socket: RawSocket): Promise<void> {
  const head = await socket.readUntil("\r\n\r\n");
  assertEquals(head.slice(0, 13), "HTTP/1.1 200 ");
  await socket.closeWrite();
  assertEquals(await socket.readTextToEnd(), SECOND);
}

/** Checks that a server refuses the request, and never sees the second one. */
async function assertRefused(
  recorder: Recorder,
  stream: Stream,
  { status, code }: Refusal,
): Promise<void> {
  recorder.reads = true;
  for (const send of [sendWhole, sendInTwo]) {
    using socket = await connect(recorder.port);
    await send(socket, stream);
    if (code === "incomplete_body") await socket.closeWrite();
    assertErrorResponse(await readResponse(socket), { status, code });
    await assertEnds(socket);
    assertEquals(recorder.take(), []);
  }
  // A handler that reads no body answers before anyone knows that it is wrong.
  recorder.reads = false;
  using socket = await connect(recorder.port);
  await sendWhole(socket, stream);
  if (code === "incomplete_body") await socket.closeWrite();
  await readResponse(socket);
  await assertEnds(socket);
  assertEquals(recorder.take().filter(({ path }) => path === "/second"), []);
}

function assertErrorResponse(
  response: RawResponse,
  { status, code }: Refusal,
): void {
  assertEquals(response.body, `${HTTP_ERRORS[code].message}\n`);
  assertEquals(response.status, status);
  assertEquals(response.values("connection"), ["close"]);
  assertEquals(response.values("content-type"), ["text/plain; charset=utf-8"]);
}

function sendWhole(socket: RawSocket, { bytes }: Stream): Promise<void> {
  return socket.send(bytes);
}

/** Sends the bytes so that the server reads them in two pieces. */
async function sendInTwo(
  socket: RawSocket,
  { bytes, middle }: Stream,
): Promise<void> {
  // What comes with a request has been read when the answer to that is here.
  await socket.send(bytesOf(FIRST + textOf(bytes.subarray(0, middle))));
  assertEquals((await readResponse(socket)).status, 200);
  await socket.send(bytes.subarray(middle));
}

async function withRecorder(
  limits: Limits,
  test: (recorder: Recorder) => Promise<void>,
): Promise<void> {
  let seen: SeenRequest[] = [];
  const recorder: Omit<Recorder, "port"> = {
    reads: true,
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
  };
  const handler: Handler = async (request) => {
    if (request.method === "CONNECT") openTunnel(request);
    const content = recorder.reads ? textOf(await request.bytes()) : "";
    const { method, headers } = request;
    const path = new URL(request.url).pathname;
    if (path !== "/first") {
      seen.push({ method, path, fields: [...headers], content });
    }
    return new Response("seen\n");
  };
  await withServer(
    handler,
    ({ port }) => test(Object.assign(recorder, { port })),
    limits,
  );
}

/** Sends back what comes through the tunnel; a fault of that ends the test. */
async function openTunnel(request: Request): Promise<void> {
  using tunnel = await onUpgrade(request);
  await tunnel.readable.pipeTo(tunnel.writable);
}

function goesOn({ keepAlive = true, form }: Expected): boolean {
  return keepAlive && form !== "authority";
}

function headersOf({ fields }: RequestHead): [string, string][] {
  return [
    ...new Headers(
      fields.map(([name, value]): [string, string] => [name, value]),
    ),
  ];
}

function quote(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 70 ? `${text.slice(0, 60)}… (${text.length})` : text;
}
