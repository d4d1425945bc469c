import { assert } from "@std/assert";

// Another seed looks at other moments.
const SEED = Deno.env.get("ABORTED_SEED") ?? "9110";
// In milliseconds; it takes a few seconds.
const TIME_LIMIT = 60_000;

Deno.test("serve() and sendRequest() leave no socket, timer or promise behind when 10,000 upgrades are aborted", async () => {
  // A process of its own: the tests beside this one open sockets, too. Only with
  // all permissions does Deno let it count them.
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      "test",
      "--allow-all",
      "--sanitize-ops",
      "--sanitize-resources",
      new URL("_aborted_upgrades.ts", import.meta.url).pathname,
      "--",
      SEED,
    ],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(TIME_LIMIT),
  }).output();
  const output = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  console.log(`The seed is ${SEED}.`);
  assert(success, output.join(""));
});
