import { assertEquals } from "@std/assert";
import { createEcho, MAX_ECHO_BYTES } from "../../handlers/echo.ts";
import { ask } from "./_request.ts";
import { Dialogue } from "./_dialogue.ts";
import { withServer } from "./_server.ts";
import { assertRejects } from "@std/assert";
import { HttpError } from "../../upgrade/mod.ts";

Deno.test("createEcho() sends text back as text and binary as binary, in order", async () => {
  await withServer(createEcho(), async (port) => {
    const dialogue = await Dialogue.open(`ws://127.0.0.1:${port}/`);
    dialogue.socket.send("grüße 😀");
    dialogue.socket.send(Uint8Array.of(0, 255, 128));
    dialogue.socket.send("");
    dialogue.socket.send(new Uint8Array());
    assertEquals(await dialogue.next(), "grüße 😀");
    assertEquals(
      new Uint8Array(await dialogue.next()),
      Uint8Array.of(0, 255, 128),
    );
    assertEquals(await dialogue.next(), "");
    assertEquals((await dialogue.next()).byteLength, 0);
    await dialogue.close();
  });
});

Deno.test("createEcho() sends 16 MiB back", async () => {
  await withServer(createEcho(), async (port) => {
    const dialogue = await Dialogue.open(`ws://127.0.0.1:${port}/`);
    const sent = new Uint8Array(MAX_ECHO_BYTES);
    for (let i = 0; i < sent.length; i += 1021) sent[i] = i;
    dialogue.socket.send(sent);
    const got = new Uint8Array(await dialogue.next());
    assertEquals(got.length, sent.length);
    assertEquals(got.every((byte, i) => byte === sent[i]), true);
    await dialogue.close();
  });
});

Deno.test("createEcho() closes with 1009 when a message has one byte more", async () => {
  await withServer(createEcho(), async (port) => {
    const dialogue = await Dialogue.open(`ws://127.0.0.1:${port}/`);
    dialogue.socket.send(new Uint8Array(MAX_ECHO_BYTES + 1));
    assertEquals((await dialogue.closed).code, 1009);
  });
});

Deno.test("createEcho() throws 426 when the request is no handshake", async () => {
  const error = await assertRejects(
    () => ask(createEcho(), "/echo"),
    HttpError,
  );
  assertEquals(error.status, 426);
});
