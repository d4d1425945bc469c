/**
 * The floor: the least that an echo over `Deno.Conn` can cost. It answers the
 * handshake without a look at it, unmasks frames, and writes back what one read
 * brought. No limits, no fragments, no UTF-8, no Close.
 *
 * deno run --allow-net bench/servers/floor.ts --port 9005
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { acceptKey } from "../../mod.ts";
import { applyMask } from "../../upgrade/websocket/mask.ts";

const SMALLEST = 1024;

const { port } = parseArgs(Deno.args, { string: ["port"] });
const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(port ?? 9005),
});
for await (const conn of listener) {
  conn.setNoDelay(true);
  echo(conn).catch(() => conn.close());
}

async function echo(conn: Deno.TcpConn): Promise<void> {
  await answerHandshake(conn);
  let room = new Uint8Array(SMALLEST);
  let used = 0;
  for (;;) {
    const read = await conn.read(room.subarray(used));
    if (read === null) return conn.close();
    used += read;
    const { consumed, produced } = turnFrames(room.subarray(0, used));
    let written = 0;
    while (written < produced) {
      written += await conn.write(room.subarray(written, produced));
    }
    room.copyWithin(0, consumed, used);
    used -= consumed;
    if (used === room.length) {
      const larger = new Uint8Array(room.length * 2);
      larger.set(room);
      room = larger;
    }
  }
}

async function answerHandshake(conn: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(SMALLEST);
  let head = "";
  let used = 0;
  while (!head.endsWith("\r\n\r\n")) {
    const read = await conn.read(bytes.subarray(used));
    if (read === null) throw new Error("no handshake");
    used += read;
    head = new TextDecoder().decode(bytes.subarray(0, used));
  }
  const key = /^Sec-WebSocket-Key: (.*)$/im.exec(head)![1]!.trim();
  await conn.write(new TextEncoder().encode(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
  ));
}

/**
 * Turns each whole frame of a client into one of a server, in place: without a
 * masking key it is 4 bytes shorter, so what was made never passes what is read.
 */
function turnFrames(
  bytes: Uint8Array,
): { consumed: number; produced: number } {
  let consumed = 0;
  let produced = 0;
  while (bytes.length - consumed >= 2) {
    const short = bytes[consumed + 1]! & 0x7f;
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const keyAt = consumed + 2 + lengthBytes;
    if (keyAt + 4 > bytes.length) break;
    let length = lengthBytes === 0 ? short : 0;
    for (let at = consumed + 2; at < keyAt; at++) {
      length = length * 256 + bytes[at]!;
    }
    const payload = keyAt + 4;
    const end = payload + length;
    if (end > bytes.length) break;
    const key = bytes[keyAt]! | bytes[keyAt + 1]! << 8 |
      bytes[keyAt + 2]! << 16 | bytes[keyAt + 3]! << 24;
    applyMask(bytes.subarray(payload, end), key);
    bytes[consumed + 1]! &= 0x7f;
    bytes.copyWithin(produced, consumed, keyAt);
    bytes.copyWithin(produced + keyAt - consumed, payload, end);
    produced += end - consumed - 4;
    consumed = end;
  }
  return { consumed, produced };
}
