import {
  chatConfig,
  type Config,
  identityOptions,
  ratesOf,
} from "../config/mod.ts";
import {
  type ChatStore,
  DiskFiles,
  type FaultLog,
  MemoryFiles,
  openChat,
  openStore,
  RateLimits,
  Uploads,
  type WebSocketChat,
} from "../mod.ts";
import { dataFolder, makeDefaultRooms } from "../upkeep/mod.ts";
import { readTextFile } from "./read_text_file.ts";
import { isOfSystem, reasonOf, UsageError } from "./usage_error.ts";

/** Opens what is kept; the folder is made if there is none. */
export async function openStoreOf(config: Config): Promise<ChatStore> {
  if (config.memory) return openStore({ path: ":memory:" });
  try {
    // Nobody else on the machine may read what people say.
    await Deno.mkdir(config.data, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(`Cannot make ${config.data}: ${reasonOf(error)}.`);
  }
  return openStore({ path: dataFolder(config.data).store });
}

/** Opens the chat of a store, with the rooms that there always are. */
export async function openChatOf(
  config: Config,
  { store, faults }: { readonly store: ChatStore; readonly faults: FaultLog },
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
    onError: (error) => faults.report(error),
  });
}

/** Opens what people send; the folder is made if there is none. */
export async function openUploadsOf(
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
