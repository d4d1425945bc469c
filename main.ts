/**
 * The Switchboard server: arguments, environment, signals and wiring.
 *
 * @module
 */

import {
  ConfigError,
  helpText,
  missingPermissions,
  neededPaths,
  type ReadConfig,
  readConfig,
} from "./handlers/config/mod.ts";
import { FaultLog, StoreError } from "./handlers/mod.ts";
import {
  COMMANDS,
  keepHouse,
  listen,
  nameOf,
  openChatOf,
  openStoreOf,
  openUploadsOf,
  readTextFile,
  UsageError,
} from "./handlers/program/mod.ts";

function isAllowed(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

/** A variable that may not be read says nothing; nobody is asked. */
function readVariable(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

function readConfigFile(path: string): string {
  const missing = missingPermissions({ read: [path], readAndWrite: [] }, {
    args: Deno.args,
    isAllowed,
  });
  if (missing !== undefined) throw new UsageError(missing);
  return readTextFile(path);
}

/** Asks nobody for a permission, but tells how to give what is missing. */
function checkPermissions(read: ReadConfig): void {
  const missing = missingPermissions(neededPaths(read), {
    args: Deno.args,
    isAllowed,
  });
  if (missing !== undefined) throw new UsageError(missing);
}

/** Ends the process in order at the first signal, at once at the second. */
function endOnSignal(end: () => Promise<void>): void {
  let ending = false;
  const onSignal = async () => {
    if (ending) Deno.exit(1);
    ending = true;
    console.log("Shutting down.");
    await end();
    Deno.exit(0);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
}

async function startServer(read: ReadConfig): Promise<void> {
  checkPermissions(read);
  const { config } = read;
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openStoreOf(config));
  const faults = new FaultLog();
  const chat = await openChatOf(config, { store, faults });
  const uploads = await openUploadsOf(config, store);
  const staticDir = new URL("./static/", import.meta.url);
  const server = await listen(config, { staticDir, chat, uploads, faults });
  opened.use(keepHouse(config, { chat, uploads, faults }));
  const kept = opened.move();
  endOnSignal(async () => {
    // What the members' leaving has to store comes before the store's end.
    await Promise.all([chat.close(), server.shutdown()]);
    await kept.disposeAsync();
  });
  const names = server.addrs.map((addr) => nameOf(addr, config));
  console.log(`Listening on ${names.join(" and ")}`);
  const { unix, "trust-proxy": proxies = [] } = config;
  if (unix !== undefined && !proxies.includes("unix")) {
    console.log(
      `Who connects to ${unix} has no address: no limit and no ban of addresses ` +
        'holds there. With "unix" in trust-proxy, a proxy tells the addresses.',
    );
  }
  const { ownerCode } = chat.identity;
  if (ownerCode !== undefined) {
    console.log(
      "There is no account yet. Who registers with this code owns the server: " +
        ownerCode,
    );
  }
}

async function run(): Promise<void> {
  const read = readConfig(Deno.args, {
    env: readVariable,
    readText: readConfigFile,
  });
  if (read === undefined) {
    console.log(helpText());
    return;
  }
  const [name, ...operands] = read.flags.words;
  if (name === undefined) return await startServer(read);
  const command = COMMANDS.get(name);
  if (command === undefined) {
    throw new UsageError(`There is no command ${name}; see --help.`);
  }
  const { operand } = command;
  if (operands.length !== (operand === undefined ? 0 : 1)) {
    const wanted = operand ?? "nothing";
    throw new UsageError(`The command ${name} takes ${wanted}; see --help.`);
  }
  const told = await command.run(read, operands[0] ?? "");
  if (told !== undefined) console.log(told);
}

try {
  await run();
} catch (error) {
  const isForPeople = error instanceof UsageError ||
    error instanceof ConfigError || error instanceof StoreError;
  if (!isForPeople) throw error;
  console.error(error.message);
  Deno.exit(1);
}
