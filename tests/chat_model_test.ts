import fc from "fast-check";
import { Town } from "./chat_model/_town.ts";

/** Whose each device is: the first two people have two. */
const OWNERS = [0, 0, 1, 1, 2];
const ROOMS = ["a", "b"] as const;

/** What is done, and how often beside the others. */
const ACTIONS = {
  join: 6,
  leave: 2,
  send: 12,
  mention: 3,
  repeat: 3,
  edit: 4,
  delete: 2,
  react: 4,
  read: 4,
  away: 2,
  vanish: 3,
  goOffline: 2,
  goOnline: 2,
  settle: 2,
  check: 1,
  restart: 1,
  crash: 1,
  flood: 1,
} as const;

const RUNS = 40;

/** How long shorter ways to a failure are looked for, in milliseconds. */
const SHRINK_TIME = 30_000;

interface Step {
  readonly what: keyof typeof ACTIONS;
  readonly device: number;
  readonly room: typeof ROOMS[number];
  readonly number: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    ...Object.entries(ACTIONS).map(([what, weight]) => ({
      arbitrary: fc.constant(what as keyof typeof ACTIONS),
      weight,
    })),
  ),
  device: fc.nat({ max: OWNERS.length - 1 }),
  room: fc.constantFrom(...ROOMS),
  number: fc.nat({ max: 30 }),
});

/** Does one step; most are not waited for. */
async function act(town: Town, step: Step): Promise<void> {
  const { what, room, number } = step;
  const device = town.devices[step.device]!;
  switch (what) {
    case "join":
      return device.join(room);
    case "leave":
      return device.leave(room);
    case "send":
    case "mention": {
      if (!device.willBeIn(room)) return;
      const mentions = what === "mention" ? [number % 3] : [];
      return device.say(room, { text: `text ${number}`, mentions });
    }
    case "repeat":
      return device.repeat(number);
    case "edit":
      return device.change(number, `edit ${number}`);
    case "delete":
      return device.change(number, undefined);
    case "react":
      return device.react(room, number);
    case "read":
      return device.read(room, number);
    case "away":
      return device.setAway(number % 2 === 0);
    case "vanish":
      return device.drop();
    case "goOffline":
      return device.goOffline();
    case "goOnline":
      return device.goOnline();
    case "settle":
      return await town.settle();
    case "check":
      return await town.check();
    case "restart":
      return await town.restart();
    case "crash":
      return await town.crash();
    case "flood": {
      const loud = town.devices[(step.device + 1) % OWNERS.length]!;
      device.join(room);
      loud.join(room);
      return await town.flood(device, loud, room);
    }
  }
}

Deno.test("the server does what a simple model says, whatever people, readers and crashes do", async () => {
  const seed = Number(
    Deno.env.get("SEED") ?? crypto.getRandomValues(new Int32Array(1))[0],
  );
  console.log(`SEED=${seed}`);
  let giveUpAt = Infinity;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 100, size: "max" }),
      async (steps) => {
        if (performance.now() > giveUpAt) return;
        try {
          await using town = await Town.open(OWNERS);
          for (const step of steps) await act(town, step);
          await town.check();
        } catch (error) {
          giveUpAt = Math.min(giveUpAt, performance.now() + SHRINK_TIME);
          throw error;
        }
      },
    ),
    { seed, numRuns: RUNS },
  );
});
