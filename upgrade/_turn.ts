// Tokio lets a task do 128 reads and writes before it has to yield, and Deno is
// one task: what is more than that waits, and is overtaken by all that begin in
// the turns after. So a turn begins fewer, in the order in which they were asked
// for, and all have their share.
const MOST_CALLS = 96;

// Who is called, and what with: two lists, so that nothing is made for a call.
let calls: ((target: unknown) => void)[] = [];
let targets: unknown[] = [];
// Those of a turn that is over, of which some are called in a later one.
let lateCalls: ((target: unknown) => void)[] = [];
let lateTargets: unknown[] = [];
let called = 0;

/**
 * Calls `call(target)` at the end of this turn of the event loop, when all that
 * was read in it has been handled, or soon after if there are many to be called.
 * It must not throw.
 */
export function atEndOfTurn<Target>(
  target: Target,
  call: (target: Target) => void,
): void {
  targets.push(target);
  const count = calls.push(call as (target: unknown) => void);
  if (count === 1 && called === lateCalls.length) setImmediate(endTurn);
}

function endTurn(): void {
  for (let left = MOST_CALLS; left > 0; left--) {
    if (called === lateCalls.length) {
      if (calls.length === 0) break;
      takeCalls();
    }
    const at = called++;
    lateCalls[at]!(lateTargets[at]);
  }
  if (called < lateCalls.length || calls.length > 0) setImmediate(endTurn);
  else takeCalls();
}

/** Goes on with what was asked for last; nothing is kept of what was called. */
function takeCalls(): void {
  lateCalls = calls;
  lateTargets = targets;
  calls = [];
  targets = [];
  called = 0;
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
