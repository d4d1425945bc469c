import type { Cancel, Clock } from "../../../handlers/chat/mod.ts";

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #time = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  readonly #tasks = new Set<
    { readonly run: () => void; readonly at: number }
  >();

  /** How many tasks wait. */
  get waiting(): number {
    return this.#tasks.size;
  }

  now(): number {
    return this.#time;
  }

  schedule(run: () => void, delay: number): Cancel {
    const task = { run, at: this.#time + delay };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** Lets time pass, and what was due in it happen at its time. */
  advance(milliseconds: number): void {
    const end = this.#time + milliseconds;
    for (;;) {
      const [next] = [...this.#tasks].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#tasks.delete(next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
    }
    this.#time = end;
  }
}
