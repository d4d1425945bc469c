import { type Placed, Roster } from "./_roster.ts";
import { atEndOfTurn } from "./_turn.ts";

// No deadline expires early; each may expire this many milliseconds late.
const COARSENESS = 50;
// A timer that is set to more milliseconds than this fires at once.
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * A time limit that is moved at next to no cost.
 *
 * One timer serves all of them: a timer of its own for each connection would
 * cost more than the reads that it guards. The clock is read once for all that
 * one turn of the event loop sets: most of what is limited is over before that.
 */
export class Deadline implements Placed {
  static readonly #watched = new Roster<Deadline>();
  static #timer: ReturnType<typeof setTimeout> | undefined;
  static #timerDue = Infinity;
  static #starting: Deadline[] = [];

  readonly #expire: () => void;
  // How long it has from the end of this turn on, if it was set in this turn.
  #wait = Infinity;
  #isStarting = false;
  #due = Infinity;
  /** Its place among all those that are watched. */
  place = -1;

  /** Calls `expire`, which must not throw, when a time that was set has passed. */
  constructor(expire: () => void) {
    this.#expire = expire;
  }

  /** Expires in `ms` milliseconds, instead of when it was set to before. */
  set(ms: number): void {
    this.#due = Infinity;
    this.#wait = ms;
    if (ms === Infinity || this.#isStarting) return;
    this.#isStarting = true;
    if (Deadline.#starting.push(this) === 1) {
      atEndOfTurn(Deadline, (all) => all.#startAll());
    }
  }

  /** Does not expire until it is set again. */
  clear(): void {
    this.#due = this.#wait = Infinity;
  }

  /** Clears it for good, so that nothing is left of it. */
  [Symbol.dispose](): void {
    this.clear();
    if (!Deadline.#watched.delete(this)) return;
    if (Deadline.#watched.size === 0) Deadline.#sleep();
  }

  static #startAll(): void {
    const starting = this.#starting;
    this.#starting = [];
    const now = performance.now();
    let shortest = Infinity;
    for (const deadline of starting) {
      deadline.#isStarting = false;
      const wait = deadline.#wait;
      if (wait === Infinity) continue;
      deadline.#wait = Infinity;
      deadline.#due = now + wait;
      this.#watched.add(deadline);
      shortest = Math.min(shortest, wait);
    }
    if (now + shortest < this.#timerDue) this.#wakeIn(shortest);
  }

  static #wakeIn(ms: number): void {
    this.#sleep();
    const wait = Math.min(Math.ceil(ms), LONGEST_TIMER);
    this.#timerDue = performance.now() + wait;
    this.#timer = setTimeout(() => this.#expireAll(), wait);
  }

  static #sleep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Infinity;
  }

  static #expireAll(): void {
    this.#sleep();
    const now = performance.now();
    let earliest = Infinity;
    this.#watched.forEach((deadline) => {
      if (deadline.#due > now) {
        earliest = Math.min(earliest, deadline.#due);
        return;
      }
      deadline.#due = Infinity;
      deadline.#expire();
    });
    // What an expired deadline called may have set the timer already.
    if (earliest < this.#timerDue) {
      this.#wakeIn(Math.max(earliest - now, COARSENESS));
    }
  }
}
