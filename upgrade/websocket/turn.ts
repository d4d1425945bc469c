/** Something that has gathered what it will write. */
export interface Flushable {
  /** Writes what was gathered. */
  flush(): void;
}

let gathering: Flushable[] = [];

/**
 * Flushes at the end of this turn of the event loop, when all that was read in
 * it has been handled: so everything said in one turn is written in one write.
 */
export function flushAtEndOfTurn(target: Flushable): void {
  if (gathering.push(target) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const gathered = gathering;
  gathering = [];
  for (const target of gathered) target.flush();
}
