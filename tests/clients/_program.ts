// A program: serves what the clients ask for, on a free port, on another one
// with TLS, and on the unix socket FOLDER/socket. It prints where, and ends with
// SIGTERM; its exit code is 1 if anything has gone wrong that nobody asked for.
//
//   deno run ... _program.ts FOLDER
import { createRouter, route } from "../../handlers/router.ts";
import { serveFiles } from "../../handlers/static.ts";
import { HttpError, serve } from "../../mod.ts";
import { PAIR } from "../upgrade/_tls.ts";
import { digestOf, patternAt, patternStream, PIECE } from "./_pattern.ts";
import type { Addresses, Echo, Ending, Memory } from "./_server.ts";

const SHUTDOWN_TIMEOUT = 2_000;
// How often the memory is measured, in milliseconds.
const SAMPLE_INTERVAL = 10;
const TICK = 25;
const EXPECTED = new Error("The handler fails, as it was asked to");

const [folder] = Deno.args as [string];
const endings = new Map<string, PromiseWithResolvers<Ending>>();
let meeting = Promise.withResolvers<void>();
let met = 0;
let samples: number[] = [];

function complain(error: unknown): void {
  if (error === EXPECTED) return;
  console.error(error);
  Deno.exitCode = 1;
}

function numberIn(request: Request, name: string): number {
  return Number(new URL(request.url).searchParams.get(name));
}

function endingOf(request: Request): PromiseWithResolvers<Ending> {
  const id = new URL(request.url).searchParams.get("id") ?? "";
  const ending = endings.get(id) ?? Promise.withResolvers();
  endings.set(id, ending);
  return ending;
}

function sampleMemory(): void {
  samples.push(Deno.memoryUsage().rss);
}

function takeMemory(): Memory {
  sampleMemory();
  const sorted = samples.toSorted((a, b) => a - b);
  samples = [];
  return { median: sorted[sorted.length >> 1]!, peak: sorted.at(-1)! };
}

/** The pattern, with a Content-Length when it is asked for, otherwise chunked. */
function sendPattern(request: Request): Response {
  const length = numberIn(request, "bytes");
  const response = new Response(patternStream(length));
  if (new URL(request.url).searchParams.has("length")) {
    response.headers.set("content-length", `${length}`);
  }
  return response;
}

/** A pattern without an end, and a note of how it was ended. */
function sendEndless(request: Request): Response {
  const ending = endingOf(request);
  const aborted = Promise.withResolvers<void>();
  request.signal.addEventListener("abort", () => aborted.resolve());
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = patternAt(sent, PIECE);
      sent += piece.length;
      controller.enqueue(piece);
    },
    async cancel() {
      await aborted.promise;
      ending.resolve({ sent });
    },
  }, { highWaterMark: 0 });
  return new Response(endless);
}

/** A piece in every 25 ms. */
function sendTicks(request: Request): Response {
  const count = numberIn(request, "count");
  let sent = 0;
  const ticks = new ReadableStream<string>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, TICK));
      controller.enqueue(`tick ${++sent}\n`);
      if (sent === count) controller.close();
    },
  }, { highWaterMark: 0 });
  return new Response(ticks.pipeThrough(new TextEncoderStream()));
}

async function echo(
  request: Request,
  { remoteAddr }: { remoteAddr: Deno.Addr },
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const answer: Echo = {
    method: request.method,
    target: pathname + search,
    fields: Object.fromEntries(request.headers),
    port: "port" in remoteAddr ? remoteAddr.port : undefined,
    body: await digestOf(request.body),
  };
  return Response.json(answer);
}

/** Answers as many requests as `count` says at once, when the last has come. */
async function meet(
  request: Request,
  { remoteAddr }: { remoteAddr: Deno.Addr },
): Promise<Response> {
  const { promise, resolve } = meeting;
  if (++met === numberIn(request, "count")) {
    met = 0;
    meeting = Promise.withResolvers();
    resolve();
  }
  await promise;
  return Response.json({ port: (remoteAddr as Deno.NetAddr).port });
}

setInterval(sampleMemory, SAMPLE_INTERVAL);

const html = { "content-type": "text/html; charset=utf-8" };
const server = serve(
  {
    listeners: [
      { port: 0 },
      { port: 0, ...PAIR },
      { path: `${folder}/socket` },
    ],
    shutdownTimeout: SHUTDOWN_TIMEOUT,
    onError: complain,
  },
  createRouter([
    route(
      "GET",
      "/",
      () => new Response("<!doctype html>\n", { headers: html }),
    ),
    route("GET", "/json", () => Response.json({ hello: "world" })),
    route("GET", "/echo", echo),
    route("POST", "/echo", echo),
    route("PUT", "/echo", echo),
    route("GET", "/pattern", sendPattern),
    route("GET", "/files/*", serveFiles(folder)),
    route("GET", "/ticks", sendTicks),
    route("GET", "/none", () => new Response(null, { status: 204 })),
    route("GET", "/fails", () => {
      throw EXPECTED;
    }),
    route("PUT", "/refused", () => {
      throw new HttpError("no_room", { status: 413, message: "No room." });
    }),
    route("GET", "/meet", meet),
    route("GET", "/endless", sendEndless),
    route("GET", "/ending", async (request) => {
      return Response.json(await endingOf(request).promise);
    }),
    route("POST", "/memory", () => Response.json(takeMemory())),
  ]),
);

Deno.addSignalListener("SIGTERM", async () => {
  const start = performance.now();
  await server.shutdown();
  if (performance.now() - start >= SHUTDOWN_TIMEOUT) {
    complain("A connection was left over");
  }
  Deno.exit();
});

const [http, https] = server.addrs as [Deno.NetAddr, Deno.NetAddr];
const addresses: Addresses = { http: http.port, https: https.port };
console.log(JSON.stringify(addresses));
