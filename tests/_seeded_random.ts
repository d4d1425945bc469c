/**
 * Makes a source of numbers from 0 up to but not including 1, which is the same
 * for the same seed (a linear congruential generator of 32 bits, with the
 * multiplier and increment of Numerical Recipes).
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
