/** How many rows one step deletes or looks at, so that others may go between. */
export const ROWS_A_STEP = 100;

/**
 * Repeats a step, which says how many rows it has looked at and how many of them
 * are deleted, until there are no more. Says how many were deleted.
 */
export async function pruneInSteps(
  step: () => Promise<{ readonly looked: number; readonly deleted: number }>,
): Promise<number> {
  let total = 0;
  for (;;) {
    const { looked, deleted } = await step();
    total += deleted;
    if (looked < ROWS_A_STEP) return total;
  }
}
