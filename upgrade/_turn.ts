// Who is called, and what with: two lists, so that nothing is made for a call.
let calls: ((target: unknown) => void)[] = [];
let targets: unknown[] = [];

/**
 * Calls `call(target)` at the end of this turn of the event loop, when all that
 * was read in it has been handled. It must not throw.
 */
export function atEndOfTurn<Target>(
  target: Target,
  call: (target: Target) => void,
): void {
  targets.push(target);
  if (calls.push(call as (target: unknown) => void) === 1) {
    setImmediate(endTurn);
  }
}

function endTurn(): void {
  const called = calls;
  const on = targets;
  calls = [];
  targets = [];
  for (let i = 0; i < called.length; i++) called[i]!(on[i]);
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
