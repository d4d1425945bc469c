import * as v from "valibot";
import { checkConfig } from "./check_config.ts";
import { ConfigError } from "./config_error.ts";
import { readFile } from "./read_file.ts";
import { type Flags, readFlags } from "./read_flags.ts";
import {
  allSettings,
  type AnySetting,
  type Config,
  flagOf,
  type SettingKey,
  variableOf,
} from "./settings.ts";

/** Where a configuration comes from besides the flags. */
export interface ConfigSources {
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** The text of a file. What it throws passes through. */
  readonly readText: (path: string) => string;
}

/** What the command line and all other sources say together. */
export interface ReadConfig {
  /** What is chosen. */
  readonly config: Config;
  /** See {@linkcode Flags}. */
  readonly flags: Flags;
  /** The file that was read, if one was. */
  readonly configFile: string | undefined;
}

/** The variable that names the configuration file, as `--config` does. */
export const CONFIG_VARIABLE = "SWITCHBOARD_CONFIG";

/**
 * Reads the configuration: of each setting, what a flag says; or else the
 * environment, where an empty variable says nothing; or else the file; or else
 * the default. The whole file is checked, also what is outdone. `undefined` if it
 * is the help that is asked for.
 *
 * Throws a {@linkcode ConfigError}, and what `readText` throws.
 */
export function readConfig(
  args: readonly string[],
  { env, readText }: ConfigSources,
): ReadConfig | undefined {
  const flags = readFlags(args);
  if (flags.help) return undefined;
  const configFile = flags.configFile ?? (env(CONFIG_VARIABLE) || undefined);
  const inFile = configFile === undefined
    ? new Map<SettingKey, unknown>()
    : readFile(readText(configFile), configFile);

  const config: Record<string, unknown> = {};
  for (const [key, setting] of allSettings()) {
    const flag = flags.values.get(key);
    const variable = variableOf(key);
    const { kind } = setting;
    let value: unknown = setting.default;
    if (inFile.has(key)) {
      const raw = inFile.get(key);
      value = check(raw, {
        key,
        setting,
        place: `${JSON.stringify(raw)} of ${configFile}`,
      });
    }
    const inEnv = env(variable) || undefined;
    if (inEnv !== undefined && flag === undefined) {
      value = check(kind.fromText(inEnv), {
        key,
        setting,
        place: `${variable}=${inEnv} of the environment`,
      });
    }
    if (flag !== undefined) {
      value = check(kind.fromText(flag), {
        key,
        setting,
        place: `${flagOf(key)}=${flag}`,
      });
    }
    config[key] = value;
  }
  checkConfig(config as Config);
  return { config: config as Config, flags, configFile };
}

function check(
  value: unknown,
  { key, setting, place }: {
    readonly key: SettingKey;
    readonly setting: AnySetting;
    readonly place: string;
  },
): unknown {
  const result = v.safeParse(setting.kind.schema, value);
  if (result.success) return result.output;
  throw new ConfigError(
    "wrong_value",
    `Cannot use ${place}: "${key}" has to be ${result.issues[0].message}`
      .replace(/\.?$/, "."),
    { key },
  );
}
