import { LIMIT_SETTINGS } from "../../handlers/config/limit_settings.ts";
import { ServerProcess } from "../server_process.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
/** What the task allows it to read. */
const SERVED = ["static"].map((name) =>
  new URL(`../../${name}`, import.meta.url).pathname
);

/** How the chat is started. */
export interface ChatServerOptions {
  /** The core of the server; any if `undefined`. */
  readonly core: number | undefined;
  /** Options of V8, as `--max-semi-space-size=1`, besides those of the task. */
  readonly v8Flags: readonly string[];
}

/**
 * The server as `deno task start` starts it, in a process of its own: with a new
 * folder of what it keeps, and without limits.
 */
export class ChatServer {
  /** The process. */
  readonly process: ServerProcess;
  readonly #folder: string;

  private constructor(process: ServerProcess, folder: string) {
    this.process = process;
    this.#folder = folder;
  }

  /** Starts it, and waits until it takes connections. */
  static async start(
    { core, v8Flags }: ChatServerOptions,
  ): Promise<ChatServer> {
    const folder = await Deno.makeTempDir();
    const command = [
      Deno.execPath(),
      "run",
      ...(v8Flags.length === 0 ? [] : [`--v8-flags=${v8Flags.join(",")}`]),
      "--allow-net",
      `--allow-read=${[...SERVED, folder].join(",")}`,
      `--allow-write=${folder}`,
      "--allow-env=HOST,PORT,SWITCHBOARD_*",
      MAIN,
      "--data",
      folder,
      ...Object.keys(LIMIT_SETTINGS).map((key) =>
        `--${key.replaceAll(".", "-")}=off`
      ),
      "--connections-per-address=100000",
    ];
    try {
      const options = { deflate: false, core };
      return new ChatServer(
        await ServerProcess.start({ command }, options),
        folder,
      );
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /** Ends it at once, and removes what it kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
