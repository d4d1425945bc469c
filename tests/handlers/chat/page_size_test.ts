import { assert, assertEquals } from "@std/assert";
import { MAX_PAGE_BYTES } from "../../../handlers/chat/page_size.ts";
import { Chatroom } from "./_people.ts";

Deno.test("rooms and search give fewer than limit when texts are very long, and the rest after them", async () => {
  await using room = await Chatroom.open();
  const names = Array.from({ length: 30 }, (_, index) => `r${10 + index}`);
  const ana = await room.enter("Ana", ...names);
  const long = "boat " + "\u{1f600}".repeat(3990);
  for (const name of names) await ana.says(name, long, "1");

  for (
    const [type, list] of [["rooms", "rooms"], ["search", "messages"]] as const
  ) {
    let count = 0;
    let place = {};
    for (;;) {
      const query = { type, query: "boat", limit: 100, ...place };
      const page = await ana.gets(query);
      assert(JSON.stringify(page).length < MAX_PAGE_BYTES);
      count += page[list].length;
      if (!page.more) break;
      place = type === "rooms"
        ? { after: page.rooms.at(-1).room }
        : { before: page.next };
    }
    assertEquals([type, count], [type, 30]);
  }
});
