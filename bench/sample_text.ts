const NAMES = ["Ada", "Björn", "Chloé", "Dmitri", "Eun-ji", "Farid", "Zoë"];
const WORDS = (
  "the a of to and in we you it is on for with at from who what when where how " +
  "room table letter window train morning coffee question answer week project " +
  "read write send open close meet think know call bring café naïve über – …"
).split(" ");

/**
 * Text like that of a chat, lines of JSON, as exactly so many bytes of UTF-8. It
 * is the same in every run.
 */
export function sampleText(length: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  // A linear congruential generator: nothing here has to be unpredictable.
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 0x1_0000_0000 * below);
  };
  const pick = (from: readonly string[]) => from[random(from.length)];
  let text = "";
  while (text.length < length) {
    const words = Array.from({ length: 4 + random(12) }, () => pick(WORDS));
    const message = {
      id: random(1_000_000),
      name: pick(NAMES),
      text: words.join(" "),
    };
    text += JSON.stringify(message) + "\n";
  }
  // What is left where a character does not fit stays blank.
  const bytes = new Uint8Array(length).fill(0x20);
  new TextEncoder().encodeInto(text, bytes);
  return bytes;
}
