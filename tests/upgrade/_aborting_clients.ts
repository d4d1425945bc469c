// How the clients of _aborted_upgrades.ts abort upgrades and CONNECT.
import { sendConnect, sendRequest } from "../../upgrade/mod.ts";
import { UPGRADE_DEEDS } from "./_aborted_handlers.ts";
import {
  below,
  cut,
  oneOf,
  random,
  someTurns,
  take,
} from "./_aborted_ledger.ts";

const utf8 = new TextEncoder();

/** What a client asks for. */
export interface Ask {
  /** The head of its request. */
  readonly head: string;
  /** Sends that request as our own client does. */
  send(conn: Deno.Conn, signal?: AbortSignal): Promise<Response>;
}

/** Asks for another protocol. */
export function askForUpgrade(): Ask {
  const path = `/${oneOf(UPGRADE_DEEDS)}`;
  return {
    head: `GET ${path} HTTP/1.1\r\nHost: x\r\n` +
      "Connection: upgrade\r\nUpgrade: raw\r\n\r\n",
    send(conn, signal) {
      const init = { headers: { upgrade: "raw" }, ...signal && { signal } };
      return sendRequest(conn, new Request(`http://x${path}`, init));
    },
  };
}

/** Asks a handler of its own for a tunnel. */
export function askForHandler(): Ask {
  return askForTunnel(`${oneOf(UPGRADE_DEEDS)}:1`);
}

/** Asks for a tunnel. */
export function askForTunnel(authority: string): Ask {
  return {
    head: `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`,
    send: (conn, signal) =>
      sendConnect(conn, authority, { ...signal && { signal } }),
  };
}

/** Reads until there is what `isEnough`, or the end. */
export async function readUntil(
  conn: Deno.Conn,
  isEnough: (text: string) => boolean,
): Promise<string> {
  let text = "";
  const target = new Uint8Array(1_000);
  while (!isEnough(text)) {
    const read = await conn.read(target);
    if (read === null) break;
    text += new TextDecoder().decode(target.subarray(0, read));
  }
  return text;
}

/** Whether the head of an answer is there. */
export const hasHead = (text: string) => text.includes("\r\n\r\n");

function send(conn: Deno.Conn, text: string): Promise<number> {
  return conn.write(utf8.encode(text));
}

/** How a client goes about an upgrade, and when it gives it up. */
const APPROACHES: Record<string, (conn: Deno.Conn, ask: Ask) => unknown> = {
  async leavesInTheHead(conn, { head }) {
    await conn.write(cut(head));
    await someTurns();
  },
  leavesAfterTheHead: (conn, { head }) => send(conn, head),
  async leavesWhileTheHandlerThinks(conn, { head }) {
    await send(conn, head);
    await someTurns();
  },
  async leavesWithTheAnswerUnread(conn, { head }) {
    await send(conn, head);
    // The answer is there, and closing resets the connection for it.
    await conn.read(new Uint8Array(1));
  },
  async leavesAfterTheAnswer(conn, { head }) {
    await send(conn, head);
    await readUntil(conn, hasHead);
  },
  async leavesInEarlyBytes(conn, { head }) {
    await send(conn, head + "early".repeat(below(1_000)));
    await someTurns();
  },
  async leavesAfterSomeBytes(conn, { head }) {
    await send(conn, head);
    const answer = await readUntil(conn, hasHead);
    if (!/^HTTP\/1\.1 (101|200) /.test(answer)) return;
    await send(conn, "bytes of the protocol");
    await someTurns();
    if (random() < 0.5) await conn.read(new Uint8Array(below(10) + 1));
  },
  async leavesInTheBody(conn, { head }) {
    const length = below(200_000);
    const body = "x".repeat(Math.min(length, below(1_000)));
    await send(conn, `${head.slice(0, -2)}Content-Length: ${length}\r\n\r\n`);
    await send(conn, body);
    await someTurns();
  },
  async breaksTheBody(conn, { head }) {
    await send(conn, `${head.slice(0, -2)}Transfer-Encoding: chunked\r\n\r\nx`);
    await readUntil(conn, hasHead);
  },
  async endsItsDirection(conn, { head }) {
    const bytes = `${head}early`;
    await send(conn, bytes.slice(0, below(bytes.length + 1)));
    await someTurns();
    await conn.closeWrite();
    await readUntil(conn, () => false);
  },
  async abortsOurs(conn, ask) {
    const controller = new AbortController();
    const sent = ask.send(conn, controller.signal);
    sent.catch(() => {});
    await someTurns();
    controller.abort();
    const response = await sent;
    await response.body?.cancel();
    using upgraded = await take(response);
    await upgraded.write(utf8.encode("hello"));
  },
  async leavesOurs(conn, ask) {
    const response = await ask.send(conn);
    await someTurns();
    using upgraded = await take(response);
    await upgraded.write(utf8.encode("hello"));
    await someTurns();
  },
};

/** Asks for something, and aborts it. */
export async function abort(conn: Deno.Conn, ask: Ask): Promise<void> {
  await oneOf(Object.values(APPROACHES))(conn, ask);
}
