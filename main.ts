/**
 * The Switchboard server: arguments, environment, signals and wiring.
 *
 * @module
 */

import {
  chatConfig,
  type Config,
  ConfigError,
  helpText,
  identityOptions,
  missingPermissions,
  neededPaths,
  ratesOf,
  type ReadConfig,
  readConfig,
} from "./handlers/config/mod.ts";
import {
  type ChatStore,
  createHandler,
  createLog,
  DiskFiles,
  type HandlerOptions,
  MemoryFiles,
  openChat,
  openStore,
  RateLimits,
  StoreError,
  Uploads,
  type WebSocketChat,
} from "./handlers/mod.ts";
import {
  backUp,
  dataFolder,
  Housekeeping,
  makeDefaultRooms,
  readLines,
  writeLines,
} from "./handlers/upkeep/mod.ts";
import {
  type Handler,
  type HttpServer,
  type ListenOptions,
  removeStaleSocket,
  serve,
  TrustedProxies,
} from "./upgrade/mod.ts";

/** Something wrong that whoever started the server can mend: one line for them. */
class UsageError extends Error {}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The commands besides none, which starts the server. */
const COMMANDS = {
  backup: { run: backupCommand, operand: "TARGET" },
  export: { run: exportCommand, operand: "ROOM" },
  import: { run: importCommand, operand: undefined },
} as const;

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

function readTextFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${reasonOf(error)}.`);
  }
}

/** Makes room for the unix socket, and finds the listeners of the settings. */
async function listenersOf(config: Config): Promise<ListenOptions[]> {
  const { host: hostname, port, unix, "tls.cert": cert, "tls.key": key } =
    config;
  const pair = cert === undefined || key === undefined
    ? {}
    : { cert: readTextFile(cert), key: readTextFile(key) };
  const listeners: ListenOptions[] = [{ hostname, port, ...pair }];
  if (unix === undefined) return listeners;
  try {
    await removeStaleSocket(unix);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new UsageError(`${unix} is in use.`);
    }
    throw new UsageError(`Cannot listen on ${unix}: ${reasonOf(error)}.`);
  }
  return [...listeners, { path: unix }];
}

/** Opens what is kept; the folder is made if there is none. */
async function openStoreOf(config: Config): Promise<ChatStore> {
  if (config.memory) return openStore({ path: ":memory:" });
  try {
    // Nobody else on the machine may read what people say.
    await Deno.mkdir(config.data, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(`Cannot make ${config.data}: ${reasonOf(error)}.`);
  }
  return openStore({ path: dataFolder(config.data).store });
}

async function openChatOf(
  config: Config,
  store: ChatStore,
): Promise<WebSocketChat> {
  let identity;
  try {
    identity = identityOptions(config, readTextFile);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
  await makeDefaultRooms(store, config["rooms.default"]);
  return await openChat(store, {
    identity,
    limits: new RateLimits({ rates: ratesOf(config) }),
    config: chatConfig(config),
  });
}

async function openUploadsOf(
  config: Config,
  store: ChatStore,
): Promise<Uploads> {
  const maxBytes = config["uploads.bytes"];
  if (config.memory) {
    return new Uploads({ store, files: new MemoryFiles(), maxBytes });
  }
  const { files: folder } = dataFolder(config.data);
  try {
    const files = await DiskFiles.open(folder, {
      maxBytes: config["uploads.total-bytes"],
    });
    return new Uploads({ store, files, maxBytes });
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw new UsageError(`Cannot use ${folder}: ${reasonOf(error)}.`);
  }
}

/**
 * Forgets what has to go: messages that are too old, sessions that nobody can
 * come back by, files that no message has.
 */
function keepHouse(
  config: Config,
  { store, uploads }: { readonly store: ChatStore; readonly uploads: Uploads },
): Housekeeping {
  const { "retention.days": days, "retention.messages": keep } = config;
  return new Housekeeping([
    async () => {
      if (days === undefined && keep === undefined) return;
      const before = days === undefined
        ? undefined
        : Date.now() - days * DAY_MS;
      await store.messages.prune({ before, keep });
    },
    () => store.sessions.prune(Date.now() - config["session-days"] * DAY_MS),
    () => uploads.dropUnused(Date.now() - DAY_MS),
    () => uploads.dropStrays(),
  ], { onError: console.error });
}

async function listen(
  config: Config,
  { chat, uploads }: {
    readonly chat: WebSocketChat;
    readonly uploads: Uploads;
  },
): Promise<HttpServer> {
  const listeners = await listenersOf(config);
  const { host, port, unix, deflate, h2c, tunnel, "trust-proxy": proxies } =
    config;
  const { onTunnelEnd, ...log } = createLog();
  const handler = handlerOf({
    staticDir: new URL("./static/", import.meta.url),
    chat,
    uploads,
    deflate,
    maxConnectionsPerAddress: config["connections-per-address"],
    ...tunnel && {
      tunnel: {
        allow: tunnel,
        allowPrivate: config["tunnel-private"] ?? [],
        onEnd: onTunnelEnd,
      },
    },
  });
  try {
    return serve(
      {
        listeners,
        shutdownTimeout: 5_000,
        // Those to the chat, which get words, and as many to everything else.
        maxConnectionsPerAddress: 2 * config["connections-per-address"],
        h2c,
        ...log,
        ...(proxies !== undefined &&
          { trustProxy: new TrustedProxies(proxies) }),
      },
      handler,
    );
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new UsageError(`Port ${port} on ${host} is in use.`);
    }
    if (error instanceof Deno.errors.InvalidData) {
      throw new UsageError(
        `${config["tls.cert"]} and ${config["tls.key"]} are no certificate ` +
          `and key: ${reasonOf(error)}.`,
      );
    }
    if (
      error instanceof Deno.errors.AddrNotAvailable ||
      error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotFound
    ) {
      const besides = unix === undefined ? "" : ` or on ${unix}`;
      throw new UsageError(
        `Cannot listen on port ${port} of ${host}${besides}: ${error.message}.`,
      );
    }
    throw error;
  }
}

function handlerOf(options: HandlerOptions): Handler {
  try {
    return createHandler(options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether an error is what the operating system said. */
function isOfSystem(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^E[A-Z]+$/.test(code);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Where a person finds a listener. */
function nameOf(addr: Deno.Addr, config: Config): string {
  if ("path" in addr) return addr.path;
  const { hostname, port } = addr as Deno.NetAddr;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const scheme = config["tls.cert"] === undefined ? "http" : "https";
  return `${scheme}://${host}:${port}/`;
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
  const chat = await openChatOf(config, store);
  const uploads = await openUploadsOf(config, store);
  const server = await listen(config, { chat, uploads });
  opened.use(keepHouse(config, { store, uploads }));
  const kept = opened.move();
  endOnSignal(async () => {
    // What the members' leaving has to store comes before the store's end.
    await Promise.all([chat.close(), server.shutdown()]);
    await kept.disposeAsync();
  });
  const names = server.addrs.map((addr) => nameOf(addr, config));
  console.log(`Listening on ${names.join(" and ")}`);
  const { ownerCode } = chat.identity;
  if (ownerCode !== undefined) {
    console.log(
      "There is no account yet. Who registers with this code owns the server: " +
        ownerCode,
    );
  }
}

async function backupCommand(
  { config }: ReadConfig,
  target: string,
): Promise<void> {
  const { data } = config;
  try {
    await backUp(data, target);
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw new UsageError(`Cannot write ${target}: ${reasonOf(error)}.`);
  }
  console.log(`${data} is copied to ${target}.`);
}

async function exportCommand(
  { config }: ReadConfig,
  room: string,
): Promise<void> {
  const { store: file } = dataFolder(config.data);
  if (!await exists(file)) throw new UsageError(`There is no ${file}.`);
  await using store = openStore({ path: file });
  const count = await writeLines(
    store.messages.export(room),
    Deno.stdout.writable,
  );
  if (count === 0) throw new UsageError(`There is no room "${room}".`);
}

async function importCommand({ config }: ReadConfig): Promise<void> {
  await using store = await openStoreOf({ ...config, memory: false });
  let imported;
  try {
    imported = await store.messages.import(readLines(Deno.stdin.readable));
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${error.message}.`);
    throw error;
  }
  if (imported === "room_exists") {
    throw new UsageError("There is a room of that name, which is kept.");
  }
  const { room, offset } = imported;
  const messages = offset === 1 ? "1 message" : `${offset} messages`;
  console.log(`The room "${room}" has ${messages}.`);
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
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new UsageError(`There is no command ${name}; see --help.`);
  }
  const { run, operand } = COMMANDS[name as keyof typeof COMMANDS];
  if (operands.length !== (operand === undefined ? 0 : 1)) {
    const wanted = operand ?? "nothing";
    throw new UsageError(`The command ${name} takes ${wanted}; see --help.`);
  }
  await run(read, operands[0]!);
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
