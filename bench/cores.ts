/** Which core the servers and which the load has, so that neither takes the other's. */
export interface Cores {
  /** The core of the servers. */
  readonly server: number;
  /** The core of this process. */
  readonly load: number;
}

/**
 * Moves this process, with all its threads, to one core and chooses another for
 * the servers. Returns `undefined`, and moves nothing, where there is only one
 * core or no `taskset`.
 */
export async function shareCores(): Promise<Cores | undefined> {
  const list = await taskset("-cp", `${Deno.pid}`);
  const [server, load] = parseList(list ?? "");
  if (server === undefined || load === undefined) return undefined;
  const moved = await taskset("-acp", `${load}`, `${Deno.pid}`);
  return moved === undefined ? undefined : { server, load };
}

async function taskset(...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("taskset", { args })
      .output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The numbers of a list such as `pid 7's current affinity list: 0,2-5`. */
function parseList(text: string): number[] {
  const list = text.slice(text.lastIndexOf(":") + 1).trim();
  if (!/^\d/.test(list)) return [];
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    const length = last! - first! + 1;
    return Array.from({ length }, (_, i) => first! + i);
  });
}
