import { assertEquals } from "@std/assert";
import { CHAT_CLOSE } from "../../../handlers/chat/mod.ts";
import { Chatroom, Person } from "./_people.ts";

for (let steps = 0; steps < 12; steps++) {
  Deno.test(`revoke ends a connection that began to come back ${steps} steps before`, async () => {
    await using room = await Chatroom.open();
    const ana = await room.enter("Ana");
    const { sessions: [session] } = await ana.gets({ type: "sessions" });
    const thief = new Person(room);
    const back = thief.asks({ type: "hello", resume: ana.resume });
    for (let step = 0; step < steps; step++) await Promise.resolve();
    await ana.asks({ type: "revoke", session: session.id });
    await back;
    const last = thief.hears().at(-1);
    assertEquals(
      thief.closedWith?.code ?? last.code,
      thief.closedWith ? CHAT_CLOSE.sessionEnded : "unknown_session",
    );
  });
}
