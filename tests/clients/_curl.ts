import { readText, run, type RunOptions } from "./_run.ts";

/** What curl tells of a transfer, by its own names; sizes are of bodies. */
export interface Transfer {
  readonly url: string;
  readonly response_code: number;
  /** `1`, `1.1` or `2`. */
  readonly http_version: string;
  /** How many connections it has opened. */
  readonly num_connects: number;
  readonly size_upload: number;
  readonly size_download: number;
}

/** What has come of a run of curl. */
export interface Curled<T> {
  readonly code: number;
  readonly output: T;
  readonly transfers: readonly Transfer[];
  /** What it has told besides: errors, and the dialogue with `-v`. */
  readonly log: string;
}

// For each transfer, in seconds: more than any should take on a busy machine.
const TIME_LIMIT = 60;

/** Runs curl with these arguments, and gives its output as text. */
export function curl(
  args: readonly string[],
  options?: Pick<RunOptions<string>, "input">,
): Promise<Curled<string>>;
/** Runs curl with these arguments. */
export function curl<T>(
  args: readonly string[],
  options: RunOptions<T>,
): Promise<Curled<T>>;
export async function curl(
  args: readonly string[],
  options: Partial<RunOptions<unknown>> = {},
): Promise<Curled<unknown>> {
  const { code, output, errors } = await run("curl", [
    "-q", // No settings of the person who runs this.
    "-sS",
    ...["--noproxy", "*"],
    ...["--max-time", `${TIME_LIMIT}`],
    ...["--write-out", "%{stderr}%{json}\n"],
    ...args,
  ], { read: readText, ...options });
  const lines = errors.split("\n");
  const isTransfer = (line: string) => line.startsWith('{"');
  return {
    code,
    output,
    transfers: lines.filter(isTransfer).map((line) => JSON.parse(line)),
    log: lines.filter((line) => !isTransfer(line)).join("\n"),
  };
}
