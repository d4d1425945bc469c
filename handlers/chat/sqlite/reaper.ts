import type { Connection } from "./connection.ts";
import { forgetMessages } from "./forget.ts";
import type { GroupCommit } from "./group_commit.ts";

/** How many messages are deleted in one step, so that others may go between. */
export const MESSAGES_A_STEP = 200;

/**
 * Deletes histories that no room has, bit by bit, so that the end of a large
 * room holds nobody up. What the end of the process interrupts, the next start
 * goes on with.
 */
export class Reaper {
  readonly #connection: Connection;
  readonly #turns: GroupCommit;
  readonly #orphans: number[];
  #isRunning = false;

  constructor(connection: Connection, turns: GroupCommit) {
    this.#connection = connection;
    this.#turns = turns;
    this.#orphans = connection.all<{ history: number }>(
      `SELECT history FROM histories h WHERE NOT EXISTS (
         SELECT 1 FROM rooms r WHERE r.history = h.history)`,
    ).map(({ history }) => history);
    this.#run();
  }

  /** Deletes a history that no room has any more, or ever will. */
  delete(history: number): void {
    this.#orphans.push(history);
    this.#run();
  }

  /** Goes on with what a full disk has interrupted. */
  resume(): void {
    this.#run();
  }

  #run(): void {
    const history = this.#orphans[0];
    if (this.#isRunning || history === undefined) return;
    this.#isRunning = true;
    this.#turns.write(() => this.#step(history)).then((isDone) => {
      if (isDone) this.#orphans.shift();
      this.#isRunning = false;
      this.#run();
    }, () => {
      // The disk is full, or the store is closed: a later one goes on.
      this.#isRunning = false;
    });
  }

  /** Says whether the history is gone. */
  #step(history: number): boolean {
    const { count } = forgetMessages(this.#connection, history, {
      to: Number.MAX_SAFE_INTEGER,
      limit: MESSAGES_A_STEP,
    });
    if (count === MESSAGES_A_STEP) return false;
    this.#connection.run("DELETE FROM histories WHERE history = ?", history);
    return true;
  }
}
