// What the server of _aborted_upgrades.ts does with its requests.
import { createTunnel } from "../../handlers/tunnel.ts";
import { type Handler, HttpError } from "../../upgrade/mod.ts";
import { below, BUG, count, run, someTurns, take } from "./_aborted_ledger.ts";
import {
  close,
  echo,
  endDirection,
  type Protocol,
  readOnce,
  speakAndClose,
} from "./_aborted_protocols.ts";

// In bytes, of a body.
const PIECE = 1 << 12;

type Deed = (request: Request) => Response | Promise<Response>;

function switchingTo(upgrade: string): Response {
  return new Response(null, { status: 101, headers: { upgrade } });
}

function switching({ method }: Request): Response {
  return method === "CONNECT" ? new Response() : switchingTo("raw");
}

/** Takes the connection, and speaks on it once it is there. */
function speak(request: Request, protocol: Protocol): Response {
  run(
    "a protocol",
    take(request).then(async (upgraded) => {
      using conn = upgraded;
      await protocol(conn);
    }),
  );
  return switching(request);
}

/** What a server does with a request that offers an upgrade, or with CONNECT. */
const UPGRADES: Record<string, Deed> = {
  echoes: (request) => speak(request, echo),
  async echoesLater(request) {
    const response = speak(request, echo);
    await someTurns();
    return response;
  },
  closes: (request) => speak(request, close),
  readsOnce: (request) => speak(request, readOnce),
  speaksAndCloses: (request) => speak(request, speakAndClose),
  endsItsDirection: (request) => speak(request, endDirection),
  takesTheSocket(request) {
    run(
      "a handler that took the socket",
      take(request).then(async (upgraded) => {
        using io = upgraded.downcast().io;
        await io.read(new Uint8Array(100));
      }),
    );
    return switching(request);
  },
  asksTwice(request) {
    const response = speak(request, echo);
    take(request);
    return response;
  },
  throws(request) {
    take(request);
    throw BUG;
  },
  async throwsLater(request) {
    take(request);
    await someTurns();
    throw BUG;
  },
  refuses(request) {
    take(request);
    return new Response("no", { status: 403 });
  },
  async refusesLater(request) {
    await someTurns();
    take(request);
    throw new HttpError("busy", { status: 503, message: "Later." });
  },
  ignores: () => new Response("a page"),
  neverTakes: switching,
  switchesElsewhere(request) {
    take(request);
    return switchingTo("other");
  },
  async awaitsTooEarly(request) {
    await take(request);
    return switching(request);
  },
  async asksLate(request) {
    await someTurns();
    return speak(request, echo);
  },
  async readsTheBody(request) {
    const response = speak(request, echo);
    await request.text();
    return response;
  },
};

/** A body of a few pieces, that ends, or is cancelled. */
function pieces(onEnd: (controller: ReadableStreamDefaultController) => void) {
  const over = Promise.withResolvers<void>();
  run("a body", over.promise);
  let left = below(60);
  return new ReadableStream({
    async pull(controller) {
      await someTurns();
      // While that took its time, it may have been cancelled.
      if (left-- > 0) return controller.enqueue(new Uint8Array(PIECE));
      onEnd(controller);
      count("body ended");
      over.resolve();
    },
    cancel() {
      count("body cancelled");
      over.resolve();
    },
  });
}

/** What a server does with a request on a stream of HTTP/2. */
const STREAMS: Record<string, Deed> = {
  answers: () => new Response("a page"),
  async answersLater() {
    await someTurns();
    return new Response("a page");
  },
  speaksAtLength: () =>
    new Response(pieces((controller) => controller.close())),
  breaksOff: () => new Response(pieces((controller) => controller.error(BUG))),
  repeats: ({ body }) => new Response(body),
  async readsToTheEnd(request) {
    return new Response(await request.text());
  },
  async fails() {
    await someTurns();
    throw BUG;
  },
  async waitsForTheClientToLeave({ signal }) {
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    }
    count("signal aborted");
    return new Response("too late");
  },
  // The request that was upgraded has left HTTP/1.1, and cannot do so again.
  switchesAgain: (request) => speak(request, echo),
};

/** The names of what a server does with a request that offers an upgrade. */
export const UPGRADE_DEEDS: readonly string[] = Object.keys(UPGRADES);
/** The names of what a server does with a request on a stream. */
export const STREAM_DEEDS: readonly string[] = Object.keys(STREAMS);

/** Does what the path names, or the host that CONNECT asks for. */
export function makeHandler(targetPorts: readonly number[]): Handler {
  const deeds = new Map(
    Object.entries({ ...UPGRADES, ...STREAMS })
      .map(([name, deed]) => [name.toLowerCase(), deed]),
  );
  const tunnel = createTunnel({
    allow: targetPorts.map((port) => `*:${port}`),
    allowPrivate: ["127.0.0.1/32"],
    onEnd: ({ ending }) => count(`tunnel ${ending}`),
  });
  return (request, info) => {
    const { hostname, pathname, port } = new URL(request.url);
    const name = request.method === "CONNECT" ? hostname : pathname.slice(1);
    const answer = targetPorts.includes(Number(port))
      ? tunnel(request, info)
      : deeds.get(name.toLowerCase())!(request);
    // The server's `onError` judges how it fails.
    if (answer instanceof Promise) run("a handler", answer.catch(() => {}));
    return answer;
  };
}
