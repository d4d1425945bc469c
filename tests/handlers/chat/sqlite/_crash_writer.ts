/**
 * Stores messages as fast as it can, twenty at a time, and writes a line for each
 * that is stored: its id and offset. It ends only when it is killed.
 */
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import { append } from "./_store.ts";

const [path, round] = Deno.args as [string, string];
const store = openStore({ path });
const utf8 = new TextEncoder();

async function write(writer: number): Promise<never> {
  for (let n = 0;; n++) {
    const id = `${round}-${writer}-${n}`;
    const appended = await append(store, `text of ${id}`, { id });
    if (typeof appended === "string") throw new Error(appended);
    Deno.stdout.writeSync(utf8.encode(`${id} ${appended.message.offset}\n`));
    if (n % 5 === 0) {
      await store.messages.edit("lobby", appended.message.offset, {
        text: `other text of ${id}`,
        by: appended.message.from.id,
        time: appended.message.offset,
      });
    }
  }
}

await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)));
