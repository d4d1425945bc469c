import { assertThrows } from "@std/assert";
import { ConfigError } from "../../../handlers/config/mod.ts";
import { readConfig } from "../../../handlers/config/read_config.ts";
import type { Config } from "../../../handlers/config/settings.ts";

/** What says something of settings in a test. */
export interface Said {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The text of the file `chat.json`. */
  readonly file?: string;
}

/** The configuration of what is said; the file is named by a flag. */
export function configOf({ args = [], env = {}, file }: Said): Config {
  const read = readConfig(
    file === undefined ? args : ["--config", "chat.json", ...args],
    { env: (name) => env[name], readText: () => file ?? "" },
  );
  return read!.config;
}

/** The code and the message of the error that what is said throws. */
export function refusalOf(said: Said): { code: string; message: string } {
  const { code, message } = assertThrows(() => configOf(said), ConfigError);
  return { code, message };
}
