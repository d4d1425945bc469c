/** Something wrong that whoever started the server can mend: one line for them. */
export class UsageError extends Error {}

/** Whether an error is what the operating system said. */
export function isOfSystem(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^E[A-Z]+$/.test(code);
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
