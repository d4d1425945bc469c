const SYLLABLES = (
  "ba be bo da de di ga ha he ho ka la le li lo ma me mi mo na ne ni no pa " +
  "ra re ri ro sa se si so ta te ti to va ve wa we ya zu"
).split(" ");
const WORDS = 30_000;

/** The word that a third of all messages has. */
export const COMMON_WORD = "saturday";

/**
 * Makes texts like those of people: few words are in most of them, most words in
 * few. They are the same in every run.
 */
export class ChatText {
  #state = 1;

  /** A text of 4 to 19 words. */
  next(): string {
    const words = Array.from(
      { length: 4 + this.random(16) },
      // By Zipf's law.
      () => wordOf(Math.floor(WORDS ** (this.random(1 << 20) / (1 << 20))) - 1),
    );
    if (this.random(10) < 3) words.push(COMMON_WORD);
    return words.join(" ");
  }

  /** A whole number from 0 up to below this. */
  random(below: number): number {
    // A linear congruential generator: nothing here has to be unpredictable.
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.#state / 0x1_0000_0000 * below);
  }
}

/** The word that is so far down in the list of how common words are. */
export function wordOf(rank: number): string {
  // Spreads neighbours over the alphabet.
  let rest = rank * 7919 % 64_000 + 1;
  let word = "";
  for (; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length];
  }
  return word;
}
