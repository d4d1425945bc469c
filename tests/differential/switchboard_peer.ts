import { Buffer } from "node:buffer";
import {
  HTTP_ERRORS,
  HttpError,
  onUpgrade,
  serve,
  type ServeHandlerInfo,
  type Upgraded,
} from "../../mod.ts";
import { connect, textOf } from "../_raw_socket.ts";
import type { Account, Peer, SeenRequest } from "./account.ts";
import { type Answer, parseAnswers } from "./answers.ts";

/** What is known of one connection so far. */
interface Log {
  readonly requests: SeenRequest[];
  /** The code of the error that ended a body. */
  fault: string;
}

/** Starts a Switchboard server on a free port. */
export function startSwitchboard(): Peer {
  const logs = new Map<number, Log>();
  const failures: unknown[] = [];
  const fail = (error: unknown) => void failures.push(error);
  const server = serve({ port: 0, onError: fail }, async (request, info) => {
    const { port } = info.remoteAddr as Deno.NetAddr;
    const log = logs.get(port) as Log;
    const entry = makeEntry(request, info);
    log.requests.push(entry);
    let offered = true;
    onUpgrade(request)
      .then((upgraded) => readTunnel(upgraded, entry), () => offered = false)
      .catch(fail);
    await readBody(request, { log, entry });
    return offered ? handOver(request) : new Response(null);
  });
  const { port } = server.addr as Deno.NetAddr;
  return {
    async account(stream) {
      using socket = await connect(port);
      const { port: own } = socket.conn.localAddr as Deno.NetAddr;
      const log: Log = { requests: [], fault: "" };
      logs.set(own, log);
      await socket.send(Buffer.from(stream, "latin1"));
      await socket.closeWrite();
      const text = await socket.readTextToEnd();
      logs.delete(own);
      if (failures.length > 0) throw failures[0];
      return makeAccount(log, parseAnswers(text));
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function makeEntry(request: Request, info: ServeHandlerInfo): SeenRequest {
  const { hostname, port } = info.localAddr as Deno.NetAddr;
  return {
    version: undefined,
    method: request.method,
    // The server's own address stands in for a host that nobody named.
    url: request.url.replace(`//${hostname}:${port}/`, "//localhost/"),
    fields: [...request.headers],
    body: "",
    state: "waiting",
    tunnel: undefined,
  };
}

async function readBody(
  request: Request,
  { log, entry }: { log: Log; entry: SeenRequest },
): Promise<void> {
  try {
    for await (const data of request.body ?? []) entry.body += textOf(data);
    entry.state = "complete";
  } catch (error) {
    // A body that ends too soon is no fault of its framing: had the client not
    // stopped, the server would be waiting still.
    if (error instanceof HttpError && error.code !== "incomplete_body") {
      entry.state = "refused";
      log.fault = error.code;
    }
    throw error;
  }
}

async function readTunnel(
  upgraded: Upgraded,
  entry: SeenRequest,
): Promise<void> {
  using conn = upgraded;
  entry.tunnel = "";
  const target = new Uint8Array(0x10000);
  for (;;) {
    const read = await conn.read(target);
    if (read === null) return;
    entry.tunnel += textOf(target.subarray(0, read));
  }
}

function handOver(request: Request): Response {
  if (request.method === "CONNECT") return new Response(null);
  const upgrade = request.headers.get("upgrade") ?? "";
  return new Response(null, {
    status: 101,
    headers: { connection: "upgrade", upgrade },
  });
}

function makeAccount(
  { requests, fault }: Log,
  answers: readonly Answer[],
): Account {
  const failed = answers.findIndex(({ status }) => status >= 400);
  const served = failed < 0 ? answers.length : failed;
  const complete = requests.filter(({ state }) => state === "complete").length;
  if (served !== complete || failed >= 0 && failed + 1 < answers.length) {
    throw new Error(
      `Switchboard answered ${complete} complete requests with ` +
        JSON.stringify(answers.map(({ status }) => status)),
    );
  }
  const last = requests.at(-1);
  if (last?.tunnel !== undefined) return { requests, end: "left", fault: "" };
  if (failed >= 0 && last?.state !== "waiting") {
    return {
      requests,
      end: "refused",
      fault: fault || codeOf(answers[failed] as Answer),
    };
  }
  const end = answers.at(-1)?.closes ? "closed" : "open";
  return { requests, end: failed < 0 ? end : "open", fault: "" };
}

/** The code of an error by its words, or the status if they did not come. */
function codeOf({ status, body }: Answer): string {
  const known = Object.entries(HTTP_ERRORS)
    .find(([, { message }]) => body === `${message}\n`);
  return known?.[0] ?? `${status}`;
}
