import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeHex } from "@std/encoding";
import {
  ChatRefusal,
  type ChatStore,
  openStore,
} from "../../../handlers/chat/mod.ts";
import {
  FileTooLargeError,
  MemoryFiles,
  type UploadInfo,
  Uploads,
  type UploadsOptions,
} from "../../../handlers/files/mod.ts";
import { bytes } from "./_files.ts";

const INFO: UploadInfo = {
  name: "hello.txt",
  claimedType: "text/plain",
  person: "ana",
};
const DAY = 24 * 60 * 60 * 1000;

class Place implements AsyncDisposable {
  readonly store: ChatStore = openStore({ path: ":memory:" });
  readonly files = new MemoryFiles();
  readonly uploads: Uploads;
  now = 0;

  constructor(options: Partial<UploadsOptions> = {}) {
    this.uploads = new Uploads({
      store: this.store,
      files: this.files,
      maxBytes: 100,
      now: () => this.now,
      ...options,
    });
  }

  static async open(options: Partial<UploadsOptions> = {}): Promise<Place> {
    const place = new Place(options);
    await place.store.people.add({
      id: "ana",
      name: "Ana",
      kind: "guest",
      isOwner: false,
      created: 0,
    }, { nameKey: "ana", now: 0 });
    return place;
  }

  async read(hash: string): Promise<string | undefined> {
    const found = await this.uploads.find(hash);
    if (found === undefined) return undefined;
    const { file } = found;
    return await new Response(file.read({ first: 0, last: file.size - 1 }))
      .text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
  }
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes(text));
  return `sha256-${encodeHex(digest)}`;
}

Deno.test("Uploads.take() keeps a file under its hash, and tells of it", async () => {
  await using place = await Place.open();
  const hash = await hashOf("Hello, Bo!");
  const kept = await place.uploads.take([bytes("Hello, "), bytes("Bo!")], INFO);
  assertEquals(kept, {
    hash,
    name: "hello.txt",
    type: "text/plain",
    size: 10,
  });
  assertEquals(await place.store.attachments.get(hash), {
    hash,
    type: "text/plain",
    size: 10,
  });
  assertEquals(await place.read(hash), "Hello, Bo!");
});

Deno.test("Uploads.take() sees the type in the bytes, however they are cut", async () => {
  await using place = await Place.open();
  for (const cut of [0, 1, 3, 5, 6]) {
    const gif = bytes(`GIF89a${cut}`);
    const { type } = await place.uploads.take(
      [gif.subarray(0, cut), gif.subarray(cut)],
      INFO,
    );
    assertEquals(type, "image/gif");
  }
});

Deno.test("Uploads.take() says of a file that is there already what is known", async () => {
  await using place = await Place.open();
  await place.uploads.take([bytes("Hello")], INFO);
  const again = await place.uploads.take([bytes("Hello")], {
    ...INFO,
    name: "other.html",
    claimedType: "text/html",
  });
  assertEquals([again.name, again.type], ["other.html", "text/plain"]);
  assertEquals(place.files.bytes, 5);
});

Deno.test("Uploads.take() refuses a file that is too large, and stops reading it", async () => {
  await using place = await Place.open();
  let asked = 0;
  let isStopped = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        asked++;
        yield await Promise.resolve(bytes("0123456789"));
      }
    } finally {
      isStopped = true;
    }
  }
  await assertRejects(
    () => place.uploads.take(endless(), INFO),
    FileTooLargeError,
  );
  assertEquals([asked, isStopped, place.files.bytes], [11, true, 0]);
  const { size } = await place.uploads.take([new Uint8Array(100)], INFO);
  assertEquals(size, 100);
});

Deno.test("Uploads.take() leaves nothing when the sender goes away", async () => {
  await using place = await Place.open();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes("Hel"));
    throw new TypeError("gone");
  }
  await assertRejects(
    () => place.uploads.take(broken(), INFO),
    TypeError,
    "gone",
  );
  assertEquals(place.files.bytes, 0);
  assertEquals(
    await place.store.attachments.get(await hashOf("Hel")),
    undefined,
  );
});

Deno.test("Uploads.take() leaves nothing when the store fails", async () => {
  await using place = await Place.open();
  await assertRejects(
    () => place.uploads.take([bytes("Hello")], { ...INFO, person: "nobody" }),
    RangeError,
  );
  assertEquals(place.files.bytes, 0);
});

Deno.test("Uploads.take() leaves a file that is there when the store fails", async () => {
  await using place = await Place.open();
  const { hash } = await place.uploads.take([bytes("Hello")], INFO);
  await assertRejects(
    () => place.uploads.take([bytes("Hello")], { ...INFO, person: "nobody" }),
    RangeError,
  );
  assertEquals(await place.read(hash), "Hello");
});

Deno.test("Uploads.take() refuses a person that has sent too much, whatever came of it", async () => {
  await using place = await Place.open({ personBytes: 150 });
  await place.uploads.take([new Uint8Array(90)], INFO);
  const error = await assertRejects(
    () => place.uploads.take([new Uint8Array(50), new Uint8Array(20)], INFO),
    ChatRefusal,
  );
  assertEquals(error.code, "too_fast");
  assert(error.details.retry_after! > 0);
  assertEquals(place.files.bytes, 90);
  place.now += DAY;
  await place.uploads.take([new Uint8Array(70)], INFO);
});

Deno.test("Uploads.take() refuses an address that has sent too much, whoever it was", async () => {
  await using place = await Place.open({ addressBytes: 100 });
  const { attachments } = place.store;
  const uploads = new Uploads({
    store: { attachments: Object.assign(attachments, { add: async () => {} }) },
    files: place.files,
    maxBytes: 100,
    addressBytes: 100,
    now: () => 0,
  });
  const from = (person: string, address: string) => ({
    ...INFO,
    person,
    address,
  });
  await uploads.take([new Uint8Array(80)], from("ana", "2001:db8::1"));
  const error = await assertRejects(
    () => uploads.take([new Uint8Array(30)], from("bo", "2001:db8::2")),
    ChatRefusal,
  );
  assertEquals(error.code, "too_fast");
  await uploads.take([new Uint8Array(30)], from("bo", "2001:db8:1::2"));
});

for (
  const hash of [
    "",
    "sha256-",
    `sha256-${"g".repeat(64)}`,
    `sha256-${"A".repeat(64)}`,
    "sha256-../../etc/passwd",
    `sha256-${"0".repeat(64)}\n`,
    "0".repeat(64),
    `sha256-${"0".repeat(64)}`,
  ]
) {
  Deno.test(`Uploads.find() finds nothing when the hash is ${JSON.stringify(hash)}`, async () => {
    await using place = await Place.open();
    assertEquals(await place.uploads.find(hash), undefined);
  });
}

Deno.test("Uploads.find() asks for no file but by a digest", async () => {
  await using place = await Place.open();
  const { files, store } = place;
  const hash = "sha256-../secret";
  await store.attachments.add(
    { hash, type: "text/plain", size: 0 },
    { by: "ana", time: 0 },
  );
  await using file = await files.begin();
  await file.keep("../secret");
  assertEquals(await place.uploads.find(hash), undefined);
});

Deno.test("Uploads.dropUnused() removes what no message has, and nothing newer", async () => {
  await using place = await Place.open();
  const { store, uploads } = place;
  const hashes = [];
  for (const text of ["used", "unused", "new"]) {
    if (text === "new") place.now = 10;
    hashes.push((await uploads.take([bytes(text)], INFO)).hash);
  }
  await store.rooms.add({
    room: "lobby",
    kind: "public",
    topic: "",
    epoch: "e",
    slow: 0,
    created: 0,
  }, []);
  await store.messages.append({
    room: "lobby",
    id: "1",
    from: { id: "ana", name: "Ana" },
    text: "",
    time: 0,
    attachments: [{ hash: hashes[0]!, name: "a" }],
  });
  assertEquals(await uploads.dropUnused(10), 1);
  assertEquals(
    await Promise.all(hashes.map((hash) => place.read(hash))),
    ["used", undefined, "new"],
  );
  assertEquals(place.files.bytes, 7);
});

Deno.test("Uploads.dropUnused() leaves a file that is sent again at the same time", async () => {
  await using place = await Place.open();
  const { uploads } = place;
  const { hash } = await uploads.take([bytes("Hello")], INFO);
  const dropped = uploads.dropUnused(1);
  await uploads.take([bytes("Hello")], INFO);
  await dropped;
  assertEquals(await place.read(hash), "Hello");
});

Deno.test("Uploads.dropStrays() removes what the store does not know, and nothing else", async () => {
  await using place = await Place.open();
  const { files, store, uploads } = place;
  const { hash } = await uploads.take([bytes("Hello")], INFO);
  // As if the process had ended between the file and the store.
  await using stray = await files.begin();
  await stray.write(bytes("stray"));
  await stray.keep("0".repeat(64));
  assertEquals(files.bytes, 10);
  assertEquals(await uploads.dropStrays(), 1);
  assertEquals(files.bytes, 5);
  assertEquals(await place.read(hash), "Hello");
  await store.attachments.dropUnused(1);
  assertEquals(await uploads.dropStrays(), 1);
  assertEquals(files.bytes, 0);
});

Deno.test("Uploads.dropStrays() leaves a file that is being kept at the same time", async () => {
  await using place = await Place.open();
  const { store, uploads } = place;
  const { hash } = await uploads.take([bytes("Hello")], INFO);
  await store.attachments.dropUnused(1);
  const taken = uploads.take([bytes("Hello")], INFO);
  const dropped = uploads.dropStrays();
  await Promise.all([taken, dropped]);
  assertEquals(await place.read(hash), "Hello");
});
