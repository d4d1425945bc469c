/**
 * Runs tasks strictly one after the other, although all are synchronous.
 *
 * A broadcast calls out to clients, and a client may call back at once, say to
 * disconnect. If that were carried out in the middle of the broadcast, some
 * members would see the departure before the message and some after it. Run
 * through a sequence it waits for its turn, so all see one order.
 */
export class Sequence {
  readonly #waiting: (() => void)[] = [];
  #running = false;

  /**
   * Runs the task now, or, when called from within a task, after the tasks
   * that are already waiting. A task that throws keeps no other from running;
   * the first error reaches the outermost caller at the end.
   */
  run(task: () => void): void {
    this.#waiting.push(task);
    if (this.#running) return;
    this.#running = true;
    const errors: unknown[] = [];
    // The loop sees the tasks that are added while it runs.
    for (const next of this.#waiting) {
      try {
        next();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#waiting.length = 0;
    this.#running = false;
    if (errors.length > 0) throw errors[0];
  }
}
