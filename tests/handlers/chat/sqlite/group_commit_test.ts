import { assert, assertEquals, assertRejects } from "@std/assert";
import { Connection } from "../../../../handlers/chat/sqlite/connection.ts";
import { GroupCommit } from "../../../../handlers/chat/sqlite/group_commit.ts";
import { StoreError } from "../../../../handlers/chat/store_error.ts";

interface Bench extends Disposable {
  readonly connection: Connection;
  readonly turns: GroupCommit;
  readonly told: string[];
  insert(n: number): Promise<number>;
  stored(): number[];
}

function setUp(): Bench {
  const connection = new Connection(":memory:");
  connection.exec("CREATE TABLE t (n INTEGER PRIMARY KEY, data BLOB) STRICT");
  const told: string[] = [];
  const turns = new GroupCommit(connection, {
    listener: {
      committed: () => told.push("committed"),
      rolledBack: () => told.push("rolled back"),
    },
    // A slow machine makes no more turns of the same steps.
    maxTime: Infinity,
  });
  return {
    connection,
    turns,
    told,
    insert: (n) =>
      turns.write(() => {
        connection.run("INSERT INTO t (n) VALUES (?)", n);
        return n;
      }),
    stored: () =>
      connection.all<{ n: number }>("SELECT n FROM t ORDER BY n")
        .map(({ n }) => n),
    [Symbol.dispose]: () => connection.close(),
  };
}

Deno.test("GroupCommit commits the steps of a turn once, before they settle", async () => {
  using bench = setUp();
  const { told, insert } = bench;
  await Promise.all(
    [3, 1, 2].map((n) => insert(n).then((n) => told.push(`${n}`))),
  );
  assertEquals(told, ["committed", "3", "1", "2"]);
  assertEquals(bench.stored(), [1, 2, 3]);
});

Deno.test("GroupCommit lets a read see the writes before it and not those after", async () => {
  using bench = setUp();
  const [, seen] = await Promise.all([
    bench.insert(1),
    bench.turns.read(() => bench.stored()),
    bench.insert(2),
  ]);
  assertEquals(seen, [1]);
});

Deno.test("GroupCommit begins no transaction for reads", async () => {
  using bench = setUp();
  const { connection, turns } = bench;
  const began = await Promise.all([
    turns.read(() => connection.inTransaction),
    turns.write(() => connection.inTransaction),
  ]);
  assertEquals(began, [false, true]);
  assertEquals(connection.inTransaction, false);
});

Deno.test("GroupCommit undoes a step that throws, and no other", async () => {
  using bench = setUp();
  const settled = await Promise.allSettled([
    bench.insert(1),
    bench.turns.write(() => {
      bench.connection.run("INSERT INTO t (n) VALUES (2)");
      throw new RangeError("half way");
    }),
    bench.insert(1),
    bench.insert(3),
  ]);
  assertEquals(settled.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  assertEquals(bench.stored(), [1, 3]);
  assert(bench.told.includes("rolled back"));
});

Deno.test("GroupCommit settles in the order of calls when steps throw", async () => {
  using bench = setUp();
  const order: number[] = [];
  const steps = [
    bench.insert(1),
    bench.turns.write(() => {
      throw new RangeError("no");
    }),
    bench.insert(2),
  ];
  await Promise.allSettled(
    steps.map((step, at) =>
      step.then(() => order.push(at), () => order.push(at))
    ),
  );
  assertEquals(order, [0, 1, 2]);
});

Deno.test("GroupCommit refuses what does not fit on the disk, reads, and goes on", async () => {
  using bench = setUp();
  const { connection, turns } = bench;
  await bench.insert(1);
  const limit = (pages: number) =>
    connection.exec(`PRAGMA max_page_count = ${pages}`);
  limit(3);
  const [before, read, large] = await Promise.allSettled([
    bench.insert(2),
    turns.read(() => bench.stored()),
    turns.write(() =>
      connection.run("INSERT INTO t (data) VALUES (zeroblob(100000))")
    ),
  ]);
  assert(before.status === "rejected" && large.status === "rejected");
  assert(large.reason instanceof StoreError);
  assertEquals(large.reason.code, "full");
  assertEquals(read, { status: "fulfilled", value: [1] });
  limit(1000);
  await bench.insert(3);
  assertEquals(bench.stored(), [1, 3]);
});

Deno.test("GroupCommit refuses all of a turn whose commit fails", async () => {
  using bench = setUp();
  const { connection, turns } = bench;
  connection.exec(`PRAGMA foreign_keys = ON;
    CREATE TABLE child (t REFERENCES t DEFERRABLE INITIALLY DEFERRED)`);
  const settled = await Promise.allSettled([
    bench.insert(1),
    turns.write(() => connection.run("INSERT INTO child VALUES (99)")),
  ]);
  assertEquals(settled.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(bench.stored(), []);
  await bench.insert(2);
  assertEquals(bench.stored(), [2]);
});

Deno.test("GroupCommit ends a turn so that others have theirs", async () => {
  using bench = setUp();
  const steps = Array.from({ length: 2500 }, (_, n) => bench.insert(n));
  let seen = 0;
  await new Promise<void>((resolve) => setImmediate(resolve));
  seen = bench.stored().length;
  assert(seen > 0 && seen <= 1000, `${seen} in the first turn`);
  await Promise.all(steps);
  assertEquals(bench.stored().length, 2500);
});

Deno.test("GroupCommit ends a turn that has taken its time", async () => {
  const connection = new Connection(":memory:");
  let turnCount = 0;
  const turns = new GroupCommit(connection, {
    listener: { committed: () => turnCount++, rolledBack: () => {} },
    maxTime: 0,
  });
  await Promise.all([1, 2, 3].map(() => turns.read(() => {})));
  assertEquals(turnCount, 3);
  connection.close();
});

Deno.test("GroupCommit settles its steps even if a listener throws", async () => {
  const connection = new Connection(":memory:");
  const turns = new GroupCommit(connection, {
    listener: {
      committed: () => {
        throw new Error("a fault of the listener");
      },
      rolledBack: () => {},
    },
  });
  const step = turns.read(() => 1);
  let thrown: unknown;
  try {
    turns.close();
  } catch (error) {
    thrown = error;
  }
  assert(thrown instanceof Error);
  assertEquals(await step, 1);
  connection.close();
});

Deno.test("GroupCommit.close() runs what waits and refuses what comes", async () => {
  using bench = setUp();
  const step = bench.insert(1);
  assertEquals(bench.turns.close(), true);
  assertEquals(bench.turns.close(), false);
  assertEquals(await step, 1);
  const error = await assertRejects(() => bench.insert(2), StoreError);
  assertEquals(error.code, "closed");
});
