// A program: connects to a port, leaves HTTP as a client or as a server, and
// reads once; then it calls the methods that it was told.
import {
  onUpgrade,
  sendRequest,
  serveConn,
  type Upgraded,
} from "../../upgrade/mod.ts";

const [port, side, ...calls] = Deno.args;
const headers = { upgrade: "raw" };

async function upgradeAsClient(conn: Deno.Conn): Promise<Upgraded> {
  const request = new Request("http://x/", { headers });
  return await onUpgrade(await sendRequest(conn, request));
}

async function upgradeAsServer(conn: Deno.Conn): Promise<Upgraded> {
  let upgraded: Promise<Upgraded> | undefined;
  await serveConn(conn, async (request) => {
    upgraded = onUpgrade(request);
    // By then a read is under way that looks whether the client leaves.
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return new Response(null, { status: 101, headers });
  });
  return await upgraded!;
}

const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
const upgrade = side === "client" ? upgradeAsClient : upgradeAsServer;
const upgraded = await upgrade(conn);
const target = new Uint8Array(100);
upgraded.read(target).then((count) => {
  const text = new TextDecoder().decode(target.subarray(0, count ?? 0));
  console.log(`read ${text}`);
});
for (const call of calls) upgraded[call as "ref" | "unref"]();
console.log("reading");
