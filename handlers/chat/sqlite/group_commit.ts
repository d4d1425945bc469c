import { StoreError } from "../store_error.ts";
import type { Connection } from "./connection.ts";
import { faultOf } from "./fault.ts";

/** The most steps of a turn. */
const MAX_STEPS = 1000;

interface Step {
  readonly writes: boolean;
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  outcome: { readonly value: unknown } | { readonly error: unknown };
}

/** What is to be done when a turn's transaction ends. */
export interface TurnListener {
  /** It is stored. */
  committed(): void;
  /** It never was: whatever the steps have put aside is to be forgotten. */
  rolledBack(): void;
}

/** How turns are run. */
export interface GroupCommitOptions {
  readonly listener: TurnListener;
  /** In milliseconds: no step begins later in its turn. 5 by default. */
  readonly maxTime?: number;
}

/**
 * Runs steps in the order of their calls: those of one turn of the event loop in
 * one transaction, whose commit makes all of them last. So one wait for the disk
 * is shared by many.
 *
 * A step is a function without effects but on the database and on what the
 * listener forgets when a turn is rolled back: it may be run twice.
 */
export class GroupCommit {
  readonly #connection: Connection;
  readonly #listener: TurnListener;
  readonly #maxTime: number;
  #waiting: Step[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(
    connection: Connection,
    { listener, maxTime = 5 }: GroupCommitOptions,
  ) {
    this.#connection = connection;
    this.#listener = listener;
    this.#maxTime = maxTime;
  }

  /** Runs a step that stores nothing. */
  read<T>(run: () => T): Promise<T> {
    return this.#add(run, false);
  }

  /** Runs a step that may store something; it is stored when this resolves. */
  write<T>(run: () => T): Promise<T> {
    return this.#add(run, true);
  }

  /** Runs what waits and takes no more. Says whether it was open. */
  close(): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    while (this.#waiting.length > 0) this.#runTurn();
    return true;
  }

  #add<T>(run: () => T, writes: boolean): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreError("closed"));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({
      writes,
      run,
      resolve: resolve as (value: unknown) => void,
      reject,
      outcome: { value: undefined },
    });
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#runTurn();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #runTurn(): void {
    const turn: Step[] = [];
    try {
      this.#runSteps(turn);
      this.#commit();
    } catch (error) {
      this.#rollBack();
      const fault = faultOf(error);
      if (fault === undefined) this.#runApart(turn);
      else this.#refuseWrites(turn, fault);
    }
    try {
      this.#listener.committed();
    } finally {
      for (const { outcome, resolve, reject } of turn) {
        if ("error" in outcome) reject(outcome.error);
        else resolve(outcome.value);
      }
    }
  }

  #runSteps(turn: Step[]): void {
    const end = performance.now() + this.#maxTime;
    const waiting = this.#waiting;
    try {
      do {
        const step = waiting[turn.length]!;
        turn.push(step);
        this.#begin(step);
        step.outcome = { value: step.run() };
      } while (
        turn.length < waiting.length && turn.length < MAX_STEPS &&
        performance.now() < end
      );
    } finally {
      this.#waiting = waiting.slice(turn.length);
    }
  }

  /** Runs a turn again of which a step threw: that one alone is undone. */
  #runApart(turn: readonly Step[]): void {
    try {
      for (const step of turn) {
        this.#begin(step);
        this.#connection.run("SAVEPOINT step");
        try {
          step.outcome = { value: step.run() };
        } catch (error) {
          const fault = faultOf(error);
          if (fault !== undefined) throw fault;
          step.outcome = { error };
          this.#connection.run("ROLLBACK TO step");
        }
        this.#connection.run("RELEASE step");
      }
      this.#commit();
    } catch (error) {
      this.#rollBack();
      this.#refuseWrites(turn, error);
    }
  }

  /** Nothing can be stored now; what is stored may still be read. */
  #refuseWrites(turn: readonly Step[], fault: unknown): void {
    for (const step of turn) {
      if (step.writes) {
        step.outcome = { error: fault };
        continue;
      }
      try {
        step.outcome = { value: step.run() };
      } catch (error) {
        step.outcome = { error: faultOf(error) ?? error };
      }
    }
  }

  #begin(step: Step): void {
    if (step.writes && !this.#connection.inTransaction) {
      this.#connection.run("BEGIN IMMEDIATE");
    }
  }

  #commit(): void {
    if (this.#connection.inTransaction) this.#connection.run("COMMIT");
  }

  #rollBack(): void {
    // SQLite itself rolls back after some errors, such as a full disk.
    if (this.#connection.inTransaction) this.#connection.run("ROLLBACK");
    this.#listener.rolledBack();
  }
}
