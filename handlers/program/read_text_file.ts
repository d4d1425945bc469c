import { reasonOf, UsageError } from "./usage_error.ts";

/** Reads a file that a setting names. */
export function readTextFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${reasonOf(error)}.`);
  }
}
