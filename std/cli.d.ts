// The part of @std/cli that this project uses.

export declare function parseArgs(
  args: readonly string[],
  options?: {
    readonly string?: readonly string[];
    readonly boolean?: readonly string[];
    readonly alias?: Readonly<Record<string, string>>;
    readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  },
): { _: (string | number)[]; [name: string]: unknown };
