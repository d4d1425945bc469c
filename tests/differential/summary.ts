import type { Verdict } from "./verdict.ts";

/** Counts verdicts. */
export class Summary {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Counts one verdict. */
  add(verdict: Verdict): void {
    this.#total++;
    this.#count(verdict.kind);
    if ("why" in verdict) this.#count(`${verdict.kind}: ${verdict.why}`);
  }

  /** The part of all verdicts that are of one kind, 0 to 1. */
  share(kind: Verdict["kind"]): number {
    return (this.#counts.get(kind) ?? 0) / this.#total;
  }

  /** One line a count, by name. */
  toString(): string {
    const lines = [...this.#counts].toSorted(([a], [b]) => a < b ? -1 : 1)
      .map(([name, count]) => `${`${count}`.padStart(6)} ${name}`);
    return [`${`${this.#total}`.padStart(6)} streams`, ...lines].join("\n");
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}
