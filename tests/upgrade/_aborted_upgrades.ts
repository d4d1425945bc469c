// A test for a process of its own, whose file descriptors it counts: run by
// aborted_upgrades_test.ts. The first argument is the seed.
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import {
  type Handler,
  type HttpServer,
  serve,
  UpgradeError,
} from "../../upgrade/mod.ts";
import { makeHandler } from "./_aborted_handlers.ts";
import {
  below,
  BUG,
  endings,
  oneOf,
  outcomes,
  promisesGiven,
  run,
  SEED,
  settle,
  within,
  wrong,
} from "./_aborted_ledger.ts";
import { Targets } from "./_aborted_protocols.ts";
import {
  abort,
  askForHandler,
  askForTunnel,
  askForUpgrade,
} from "./_aborting_clients.ts";
import { abortHttp2, offerOf } from "./_aborting_http2_clients.ts";

const UPGRADES = 10_000;
const ROUNDS = 40;
const AT_ONCE = 64;
// In milliseconds. What is left over would be cut only by the first of them.
const SHUTDOWN_TIMEOUT = 5_000;
const CUT_TIMEOUT = 2;
// Long enough for some to be cut before.
const UPGRADE_TIMEOUT = 100;
const ROUND_TIME = 20_000;
// For what runs to notice that its connection is closed.
const SETTLE_TIME = 1_000;
// What has to have come about, however the dice fall.
const OUTCOMES = ["upgraded", "client_gone", "shutting_down"];
const ENDINGS = [
  "tunnel begun",
  "tunnel client_lost",
  "tunnel finished",
  "tunnel target_lost",
  "body cancelled",
  "body ended",
  "signal aborted",
];

/** Begins to leave HTTP/1.1 in one of the ways there are, and aborts that. */
function leave(conn: Deno.Conn, targetPorts: readonly number[]): Promise<void> {
  const dice = below(100);
  if (dice < 40) return abort(conn, askForUpgrade());
  if (dice < 54) return abort(conn, askForHandler());
  // Few, for each takes a port of the machine, and keeps it for a minute.
  if (dice < 60) {
    const host = oneOf(["127.0.0.1", "localhost"]);
    return abort(conn, askForTunnel(`${host}:${oneOf(targetPorts)}`));
  }
  return abortHttp2(conn, offerOf(dice < 80));
}

function start(
  path: string,
  { handler, shutdownTimeout }: { handler: Handler; shutdownTimeout: number },
): HttpServer {
  return serve({
    path,
    h2c: true,
    shutdownTimeout,
    upgradeTimeout: UPGRADE_TIMEOUT,
    onError(error) {
      // A handler's own, one that awaits too early, and answers that are none.
      const isExpected = error === BUG || error instanceof UpgradeError ||
        error instanceof TypeError && error.message.startsWith("Cannot answer");
      if (!isExpected) wrong.push(error);
    },
  }, handler);
}

/** Lets 64 clients at a time begin to leave HTTP/1.1 and abort that. */
async function attack(
  path: string,
  { targetPorts, onLast }: {
    targetPorts: readonly number[];
    onLast: () => void;
  },
): Promise<void> {
  let left = UPGRADES / ROUNDS;
  let connected = 0;
  const total = left;
  const goOn = async () => {
    while (left-- > 0) {
      using conn = await Deno.connect({ transport: "unix", path });
      if (++connected === total) onLast();
      const leaving = leave(conn, targetPorts);
      run("a client", leaving);
      await Promise.allSettled([leaving]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, goOn));
}

async function runRound(
  path: string,
  { targetPorts, isCut }: { targetPorts: readonly number[]; isCut: boolean },
): Promise<void> {
  const server = start(path, {
    handler: makeHandler(targetPorts),
    shutdownTimeout: isCut ? CUT_TIMEOUT : SHUTDOWN_TIMEOUT,
  });
  const onLast = () => {
    if (isCut) server.shutdown();
  };
  await within(ROUND_TIME, attack(path, { targetPorts, onLast }));
  // Nobody is left: what it had to wait for would be left over.
  const before = performance.now();
  await server.shutdown();
  assertLess(performance.now() - before, SHUTDOWN_TIMEOUT / 5);
}

async function runRounds(folder: string): Promise<void> {
  using targets = await Targets.open();
  const { ports: targetPorts } = targets;
  for (let round = 0; round < ROUNDS; round++) {
    const isCut = round % 2 === 1;
    await runRound(`${folder}/${round}`, { targetPorts, isCut });
  }
}

function openDescriptors(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => name).sort();
}

/** Lets turns pass: some descriptors close a little after their connection. */
async function waitFor(isSo: () => boolean): Promise<void> {
  const end = performance.now() + SETTLE_TIME;
  while (!isSo() && performance.now() < end) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

Deno.test(`10,000 upgrades that are aborted leave nothing behind, with the seed ${SEED}`, async () => {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  const folder = await Deno.makeTempDir();
  try {
    // What Deno itself opens at the first connection stays open.
    const handler = () => new Response();
    await start(`${folder}/first`, { handler, shutdownTimeout: 0 }).shutdown();
    const before = openDescriptors();
    await runRounds(folder);
    await within(SETTLE_TIME, settle());
    await waitFor(() => openDescriptors().length <= before.length);
    assertEquals(openDescriptors(), before);
  } finally {
    await Deno.remove(folder, { recursive: true });
    globalThis.removeEventListener("unhandledrejection", note);
  }
  assertEquals(unhandled, []);
  assertEquals(wrong, []);
  const settled = [...outcomes.values()].reduce((sum, each) => sum + each, 0);
  assertEquals(settled, promisesGiven());
  for (const name of OUTCOMES) assertGreater(outcomes.get(name) ?? 0, 0, name);
  for (const name of ENDINGS) assertGreater(endings.get(name) ?? 0, 0, name);
  console.log(Object.fromEntries([...outcomes, ...endings].sort()));
});
