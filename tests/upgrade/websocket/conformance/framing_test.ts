import { concat, type FrameFields, pattern } from "../_frames.ts";
import {
  assertConversations,
  BINARY,
  fine,
  ROLES,
  TEXT,
} from "./_conversation.ts";

// Around the lengths where a header grows (RFC 6455 §5.2).
const LENGTHS = [0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537];
const CHOPS = [Infinity, 997, 14, 3, 1];
const MOST_WRITES = 1000;

function text(length: number): string {
  return "*".repeat(length);
}

function echoes(message: FrameFields) {
  const length = message.payload?.length ?? 0;
  return CHOPS.filter((chop) => length / chop <= MOST_WRITES)
    .map((chop) => fine([message], [message], chop));
}

for (const role of ROLES) {
  for (const length of LENGTHS) {
    Deno.test(`a ${role} gets text of ${length} bytes and sends it when it comes in any pieces`, () =>
      assertConversations(
        role,
        echoes({ opcode: TEXT, payload: text(length) }),
      ));

    Deno.test(`a ${role} gets ${length} bytes and sends them when they come in any pieces`, () =>
      assertConversations(
        role,
        echoes({ opcode: BINARY, payload: pattern(length) }),
      ));
  }

  Deno.test(`a ${role} keeps messages in order when all lengths come at once`, async () => {
    const all = LENGTHS.flatMap((length) => [
      { opcode: TEXT, payload: text(length) },
      { opcode: BINARY, payload: pattern(length) },
    ]);
    await assertConversations(role, [
      fine(all, all),
      fine(all, all, 8191),
      fine(all, all, 1461),
    ]);
  });

  Deno.test(`a ${role} keeps every byte when each of the 256 comes at each place of a word`, async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const all = [0, 1, 2, 3, 4, 5, 6, 7].map((shift) => ({
      opcode: BINARY,
      payload: concat(new Uint8Array(shift), bytes),
    }));
    await assertConversations(role, [fine(all, all), fine(all, all, 5)]);
  });
}
