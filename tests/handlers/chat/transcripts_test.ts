import { assertEquals } from "@std/assert";
import { play } from "./_transcript.ts";

const folder = new URL("transcripts/", import.meta.url);
/** Set to write down what really happens; look at what that changes. */
const isUpdating = Deno.env.get("UPDATE_TRANSCRIPTS") !== undefined;

for (const { name } of [...Deno.readDirSync(folder)]) {
  Deno.test(`Chat keeps to the transcript ${name}`, async () => {
    const file = new URL(name, folder);
    const transcript = await Deno.readTextFile(file);
    const played = await play(transcript);
    if (isUpdating) await Deno.writeTextFile(file, played);
    else assertEquals(played, transcript);
  });
}
