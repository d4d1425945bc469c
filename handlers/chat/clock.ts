/** Ends what was scheduled, if it has not happened yet. */
export type Cancel = () => void;

/** Where times come from, and what waits for them. */
export interface Clock {
  /** The time in milliseconds since 1970. */
  now(): number;
  /** Runs a task after so many milliseconds. */
  schedule(task: () => void, delay: number): Cancel;
}

/** The system's clock. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  schedule(task, delay) {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};

/** A time as the protocol writes it: ISO 8601 in UTC with milliseconds. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}
