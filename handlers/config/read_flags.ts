import { ConfigError } from "./config_error.ts";
import { allSettings, flagOf, type SettingKey } from "./settings.ts";

/** Arguments of a command line. */
export interface Flags {
  /** What is said of settings; the last word counts. */
  readonly values: ReadonlyMap<SettingKey, string>;
  /** The file of the configuration, if one is named. */
  readonly configFile: string | undefined;
  /** Whether `--help` is there. */
  readonly help: boolean;
  /** Arguments that are no flags, in order. */
  readonly words: readonly string[];
}

/** Flags that are no settings. */
const CONFIG_FLAG = "--config";
const HELP_FLAG = "--help";

/**
 * Reads `--flag value`, `--flag=value`, `--yes-or-no`, and what is no flag.
 * After `--` nothing is a flag any more. Throws a {@linkcode ConfigError}.
 */
export function readFlags(args: readonly string[]): Flags {
  const settings = new Map(
    allSettings().map(([key, { kind }]) => [flagOf(key), { key, kind }]),
  );
  const values = new Map<SettingKey, string>();
  const words: string[] = [];
  let configFile: string | undefined;
  let help = false;

  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === "--") {
      words.push(...args.slice(i + 1));
      break;
    }
    // A hyphen alone is what other programs call standard input.
    if (!argument.startsWith("-") || argument === "-") {
      words.push(argument);
      continue;
    }
    const [, flag, given] = /^([^=]*)(?:=(.*))?$/s.exec(argument)!;
    const setting = settings.get(flag!);
    const isLone = flag === HELP_FLAG ||
      setting !== undefined && setting.kind.placeholder === undefined;
    let value = given;
    if (value === undefined && !isLone && !args[i + 1]?.startsWith("--")) {
      value = args[++i];
    }
    if (flag === HELP_FLAG && given === undefined) help = true;
    else if (setting === undefined && flag !== CONFIG_FLAG) {
      throw new ConfigError(
        "unknown_setting",
        `There is no option ${argument}; see --help.`,
      );
    } else {
      value ??= isLone ? "true" : "";
      if (value === "") {
        throw new ConfigError(
          "no_value",
          `The option ${flag} needs a value; see --help.`,
          setting === undefined ? {} : { key: setting.key },
        );
      }
      if (setting === undefined) configFile = value;
      else values.set(setting.key, value);
    }
  }
  return { values, configFile, help, words };
}
