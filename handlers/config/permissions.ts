import type { ReadConfig } from "./read_config.ts";

/** Paths that a program reads, and those that it writes as well. */
export interface NeededPaths {
  readonly read: readonly string[];
  readonly readAndWrite: readonly string[];
}

/** The paths that a configuration names. */
export function neededPaths(
  { config, configFile }: Pick<ReadConfig, "config" | "configFile">,
): NeededPaths {
  const read = [
    configFile,
    config["tls.cert"],
    config["tls.key"],
    ...config.identity === "jwt"
      ? [
        config["jwt.secret-file"],
        config["jwt.key-file"],
        config["jwt.jwks-file"],
      ]
      : [],
  ];
  const readAndWrite = [
    config.memory ? undefined : config.data,
    config.unix,
  ];
  return {
    read: read.filter(isNamed),
    readAndWrite: readAndWrite.filter(isNamed),
  };
}

/**
 * What to tell who starts the server, if it may not use all paths: which they
 * are, and the command that allows them. Nobody is asked for a permission.
 */
export function missingPermissions(
  { read, readAndWrite }: NeededPaths,
  { args, isAllowed }: {
    readonly args: readonly string[];
    readonly isAllowed: (name: "read" | "write", path: string) => boolean;
  },
): string | undefined {
  const denied = [
    ...read.filter((path) => !isAllowed("read", path)),
    ...readAndWrite.filter((path) =>
      !isAllowed("read", path) || !isAllowed("write", path)
    ),
  ];
  if (denied.length === 0) return undefined;
  const allow = (paths: readonly string[]) => paths.map(quote).join(",");
  const command = [
    "deno run --allow-net '--allow-env=HOST,PORT,SWITCHBOARD_*'",
    `--allow-read=${allow(["static", ...read, ...readAndWrite])}`,
    ...readAndWrite.length === 0
      ? []
      : [`--allow-write=${allow(readAndWrite)}`],
    "main.ts",
    ...args.map(quote),
  ];
  return `There is no permission to use ${denied.join(" and ")}; ` +
    `this gives it: ${command.join(" ")}`;
}

/** An argument as a shell takes it. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument)
    ? argument
    : `'${argument.replaceAll("'", "'\\''")}'`;
}

function isNamed(path: string | undefined): path is string {
  return path !== undefined;
}
