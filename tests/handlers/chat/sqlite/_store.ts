import { Connection } from "../../../../handlers/chat/sqlite/connection.ts";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import type {
  Appended,
  ChatStore,
  ExportLine,
  NewMessage,
} from "../../../../handlers/chat/store.ts";
import type { ChatMessage, RoomKind } from "../../../../handlers/chat/model.ts";

export const ANA = { id: "id-ana", name: "Ana" } as const;
export const BO = { id: "id-bo", name: "Bo" } as const;
export const CY = { id: "id-cy", name: "Cy" } as const;

/** A time that tests count from: 2026-01-02T03:04:05.006Z. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

/** Adds Ana, Bo and Cy, and the public room "lobby", which is Ana's. */
export async function furnish(store: ChatStore): Promise<void> {
  for (const person of [ANA, BO, CY]) {
    await store.people.add(
      { ...person, kind: "guest", isOwner: false, created: NOW },
      { nameKey: person.name.toLowerCase(), now: NOW },
    );
  }
  await addRoom(store, "lobby");
}

/** A store in memory with what {@linkcode furnish} adds. */
export async function openFurnished(): Promise<ChatStore> {
  const store = openStore({ path: ":memory:" });
  await furnish(store);
  return store;
}

/** Adds a room that is Ana's. */
export async function addRoom(
  store: ChatStore,
  room: string,
  kind: RoomKind = "public",
): Promise<void> {
  await store.rooms.add(
    { room, kind, topic: "", epoch: "first", slow: 0, created: NOW },
    [{ person: ANA.id, role: "owner" }],
  );
}

let ids = 0;

/** Asks for a message of Ana in the lobby, or what is said otherwise. */
export function append(
  store: ChatStore,
  text: string,
  message: Partial<NewMessage> = {},
): Promise<Appended> {
  return store.messages.append({
    room: "lobby",
    id: `id-${++ids}`,
    from: ANA,
    text,
    time: NOW,
    ...message,
  });
}

/** Stores a message that has to be new. */
export async function say(
  store: ChatStore,
  text: string,
  message: Partial<NewMessage> = {},
): Promise<ChatMessage> {
  const appended = await append(store, text, message);
  if (typeof appended === "string" || appended.repeated) {
    throw new Error(`not stored: ${JSON.stringify(appended)}`);
  }
  return appended.message;
}

/** Stores messages whose texts are the numbers from 1 on. */
export async function sayNumbers(
  store: ChatStore,
  count: number,
  message: Partial<NewMessage> = {},
): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, at) => say(store, `${at + 1}`, message)),
  );
}

/** The offsets of messages. */
export function offsets(messages: readonly ChatMessage[]): number[] {
  return messages.map(({ offset }) => offset);
}

/** All lines of an export. */
export function linesOf(store: ChatStore, room: string): Promise<ExportLine[]> {
  return Array.fromAsync(store.messages.export(room));
}

/** Lines as an import takes them. */
export async function* asLines(
  lines: readonly ExportLine[],
): AsyncGenerator<ExportLine> {
  yield* lines;
}

/** A folder that is gone with its test. */
export function tempFolder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync();
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** How many rows a table of a file has. */
export function countRows(path: string, table: string): number | undefined {
  const connection = new Connection(path);
  try {
    return connection.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)
      ?.n;
  } finally {
    connection.close();
  }
}
