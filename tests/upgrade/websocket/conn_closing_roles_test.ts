import { assert, assertEquals } from "@std/assert";
import {
  WEBSOCKET_ERRORS,
  WebSocketConn,
  WebSocketError,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, bytesOf, closing, concat, frame } from "./_frames.ts";
import { pair, type PairOptions, type Peer } from "./_peer.ts";

const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const NOTHING = new Uint8Array(0);

/** Reads a Close frame of the socket under test, masked as its role wants. */
async function assertCloseRead(
  peer: Peer,
  payload: Uint8Array,
  role: "server" | "client",
): Promise<void> {
  assertEquals(await peer.readFrame(), {
    fin: true,
    opcode: CLOSE,
    masked: role === "client",
    payload: binaryOf(payload),
  });
}

/** Ends TCP as the role of the peer has to: RFC 6455 §7.1.1, the server first. */
async function endTcp(peer: Peer, role: "server" | "client"): Promise<void> {
  if (role === "client") await peer.raw.closeWrite();
  await peer.readEnd();
}

/** Notes what the socket under test does with TCP. */
function noting(steps: string[]): Pick<PairOptions, "prepare"> {
  return {
    prepare(conn) {
      const closeWrite = conn.closeWrite.bind(conn);
      conn.closeWrite = () => {
        steps.push("ends");
        return closeWrite();
      };
      const close = conn.close.bind(conn);
      conn.close = () => {
        steps.push("closes");
        return close();
      };
    },
  };
}

for (const role of ["server", "client"] as const) {
  for (
    const [name, payload, code, reason] of [
      ["an empty one", NOTHING, 1005, ""],
      ["a code", closing(1000), 1000, ""],
      ["a code and a reason", closing(4567, "grüß dich"), 4567, "grüß dich"],
    ] as const
  ) {
    Deno.test(`a ${role} answers the peer's Close with its code when it is ${name}`, async () => {
      const steps: string[] = [];
      await using connected = await pair({ role, ...noting(steps) });
      const { socket, peer } = connected;
      socket.forEach(() => {});
      await peer.send(CLOSE, payload);
      await assertCloseRead(peer, payload.subarray(0, 2), role);
      if (role === "client") {
        // It waits for the server to end.
        await socket.closed;
        assertEquals(steps, []);
      }
      await endTcp(peer, role);
      assertEquals(await socket.closed, { code, reason, wasClean: true });
    });

    Deno.test(`a ${role} closes first, and takes the peer's Close when it is ${name}`, async () => {
      const steps: string[] = [];
      await using connected = await pair({ role, ...noting(steps) });
      const { socket, peer } = connected;
      socket.close(3001, "ours");
      await assertCloseRead(peer, closing(3001, "ours"), role);
      assertEquals(socket.readyState, WebSocketConn.CLOSING);
      assertEquals(steps, []);
      await peer.send(CLOSE, payload);
      await endTcp(peer, role);
      assertEquals(await socket.closed, { code, reason, wasClean: true });
    });
  }

  Deno.test(`a ${role} sends an empty Close when it is given no code`, async () => {
    await using connected = await pair({ role });
    const { socket, peer } = connected;
    socket.close();
    await assertCloseRead(peer, NOTHING, role);
    await peer.send(CLOSE);
    await endTcp(peer, role);
    assertEquals(await socket.closed, {
      code: 1005,
      reason: "",
      wasClean: true,
    });
  });

  Deno.test(`a ${role} ignores all that follows the peer's Close`, async () => {
    await using connected = await pair({ role });
    const { socket, peer } = connected;
    const seen: string[] = [];
    socket.forEach((message) => void seen.push(message.text()));
    const late = concat(
      peer.frame(TEXT, "late"),
      peer.frame(PING, "late"),
      peer.frame(CLOSE, closing(4001)),
      // And what would break a rule.
      peer.frame(CONTINUATION, "late"),
      bytesOf("\xff\xff\xff\xff"),
    );
    await peer.raw.send(concat(
      peer.frame(TEXT, "in time"),
      peer.frame(CLOSE, closing(4000)),
      late,
    ));
    await assertCloseRead(peer, closing(4000), role);
    await peer.raw.send(late);
    await endTcp(peer, role);
    assertEquals((await socket.closed).code, 4000);
    assertEquals(seen, ["in time"]);
  });

  Deno.test(`a ${role} ignores all but a Close when it has sent its own`, async () => {
    await using connected = await pair({ role });
    const { socket, peer } = connected;
    const seen: string[] = [];
    socket.forEach((message) => void seen.push(message.text()));
    socket.close(1000);
    await assertCloseRead(peer, closing(1000), role);
    await peer.raw.send(concat(
      peer.frame(TEXT, "late"),
      peer.frame(PING, "late"),
      peer.frame(PONG, "late"),
      peer.frame(BINARY, "cut", 0),
      peer.frame(CLOSE, closing(1000)),
    ));
    await endTcp(peer, role);
    assertEquals((await socket.closed).wasClean, true);
    assertEquals(seen, []);
  });

  Deno.test(`a ${role} sends its Close before TCP ends when the peer broke a rule`, async () => {
    const steps: string[] = [];
    await using connected = await pair({ role, ...noting(steps) });
    const { socket, peer } = connected;
    socket.forEach(() => {});
    // Masked by the server, or not by the client.
    const rule = role === "client" ? "masked_frame" : "unmasked_frame";
    await peer.raw.send(frame({
      opcode: TEXT,
      payload: "wrong",
      ...(role === "client" && { key: [1, 2, 3, 4] }),
    }));
    const [code, reason] = WEBSOCKET_ERRORS[rule];
    await assertCloseRead(peer, closing(code, reason), role);
    if (role === "client") assertEquals(steps, []);
    // An answer comes too late, and harms nothing.
    await peer.send(CLOSE, closing(code));
    await endTcp(peer, role);
    const { error, ...info } = await socket.closed;
    assertEquals(info, { code, reason, wasClean: false });
    assert(error instanceof WebSocketError && error.code === rule);
  });

  Deno.test(`a ${role} cuts the connection when its Close is not answered in time`, async () => {
    await using connected = await pair({ role, closeTimeout: 30 });
    const { socket, peer } = connected;
    socket.close(1000);
    await assertCloseRead(peer, closing(1000), role);
    // It goes on with other things.
    await peer.send(TEXT, "still here");
    assertEquals(await socket.closed, {
      code: 1006,
      reason: "",
      wasClean: false,
    });
    peer.raw.close();
  });

  Deno.test(`a ${role} puts nothing on the wire when the peer is gone without a Close`, async () => {
    await using connected = await pair({ role });
    const { socket, peer } = connected;
    socket.forEach(() => {});
    await peer.raw.closeWrite();
    await peer.readEnd();
    assertEquals((await socket.closed).code, 1006);
  });
}

Deno.test("a server ends TCP right after its Close, a client only after the server or after two seconds", async () => {
  for (const role of ["server", "client"] as const) {
    const steps: string[] = [];
    await using connected = await pair({ role, ...noting(steps) });
    const { socket, peer } = connected;
    await peer.send(CLOSE, closing(1000));
    await assertCloseRead(peer, closing(1000), role);
    const before = performance.now();
    // The peer ends nothing by itself.
    await peer.readEnd();
    const time = performance.now() - before;
    assertEquals(steps[0], role === "server" ? "ends" : "closes");
    assert(role === "server" ? time < 1000 : time > 1000, `${time}`);
    assertEquals((await socket.closed).wasClean, true);
    await peer.raw.closeWrite();
  }
});
