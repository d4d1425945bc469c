import type { ChatMessage, Person } from "../model.ts";
import type {
  Appended,
  Changed,
  ExportLine,
  MessageChange,
  MessageStore,
  NewMessage,
  Noted,
  StoredRoom,
} from "../store.ts";
import { appendMessage } from "./append.ts";
import { editMessage, reactToMessage, removeMessage } from "./change.ts";
import { exportRoom } from "./export.ts";
import type { TurnListener } from "./group_commit.ts";
import {
  type Missed,
  missedSince,
  newestOf,
  type Page,
  pageOf,
  type PageOptions,
  type Position,
  versionsOf,
} from "./history.ts";
import { importRoom } from "./import.ts";
import { chatMessage, findMessage } from "./message_rows.ts";
import type { Parts } from "./parts.ts";
import { prune, type PruneOptions } from "./prune.ts";
import { findRoom } from "./room_rows.ts";
import { type Found, search, type SearchOptions } from "./search.ts";

/** The messages of a store in SQLite. */
export class SqliteMessages implements MessageStore, TurnListener {
  onAppend: ((messages: readonly ChatMessage[]) => void) | null = null;
  onChange: ((changes: readonly MessageChange[]) => void) | null = null;

  readonly #parts: Parts;
  readonly #path: string;
  /** What the steps of this turn have stored, to be told after its commit. */
  #appended: ChatMessage[] = [];
  #changed: MessageChange[] = [];

  constructor(parts: Parts, path: string) {
    this.#parts = parts;
    this.#path = path;
  }

  committed(): void {
    const appended = this.#appended;
    const changed = this.#changed;
    this.rolledBack();
    if (appended.length > 0) this.onAppend?.(appended);
    if (changed.length > 0) this.onChange?.(changed);
  }

  rolledBack(): void {
    if (this.#appended.length > 0) this.#appended = [];
    if (this.#changed.length > 0) this.#changed = [];
  }

  append(message: NewMessage): Promise<Appended> {
    return this.#parts.turns.write(() => {
      const appended = appendMessage(this.#parts, message);
      if (typeof appended === "object" && !appended.repeated) {
        this.#appended.push(appended.message);
      }
      return appended;
    });
  }

  get(room: string, offset: number): Promise<ChatMessage | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const found = findRoom(connection, room);
      const row = found && findMessage(connection, found.history, offset);
      return row && chatMessage(room, row);
    });
  }

  edit(
    room: string,
    offset: number,
    edit: {
      readonly text: string;
      readonly mentions?: readonly string[];
      readonly by: string;
      readonly time: number;
    },
  ): Promise<Changed> {
    return this.#change(() => editMessage(this.#parts, room, offset, edit));
  }

  remove(
    room: string,
    offset: number,
    options: Noted & { readonly by: string; readonly time: number },
  ): Promise<Changed> {
    return this.#change(() =>
      removeMessage(this.#parts, room, offset, options)
    );
  }

  react(
    room: string,
    offset: number,
    reaction: {
      readonly emoji: string;
      readonly person: string;
      readonly on: boolean;
      readonly maxDifferent: number;
    },
  ): Promise<Changed> {
    return this.#change(() =>
      reactToMessage(this.#parts, room, offset, reaction)
    );
  }

  versions(room: string, offset: number): Promise<
    readonly {
      readonly text: string;
      readonly time: number;
      readonly by: Person;
    }[]
  > {
    return this.#parts.turns.read(() => versionsOf(this.#parts, room, offset));
  }

  page(room: string, options: PageOptions): Promise<Page> {
    return this.#parts.turns.read(() => pageOf(this.#parts, room, options));
  }

  since(
    room: string,
    position: Position,
    limit: number,
  ): Promise<
    {
      readonly room: StoredRoom;
      readonly missed: Missed | undefined;
    } | undefined
  > {
    return this.#parts.turns.read(() =>
      missedSince(this.#parts, room, position, limit)
    );
  }

  newest(room: string, limit: number): Promise<
    {
      readonly room: StoredRoom;
      readonly messages: readonly ChatMessage[];
      readonly older: boolean;
    } | undefined
  > {
    return this.#parts.turns.read(() => newestOf(this.#parts, room, limit));
  }

  search(options: SearchOptions): Promise<Found> {
    return this.#parts.turns.read(() => search(this.#parts, options));
  }

  prune(options: PruneOptions): Promise<number> {
    return prune(this.#parts, options);
  }

  export(room: string): AsyncIterable<ExportLine> {
    return exportRoom(this.#parts, room, this.#path);
  }

  import(
    lines: AsyncIterable<ExportLine>,
  ): Promise<StoredRoom | "room_exists"> {
    return importRoom(this.#parts, lines);
  }

  #change(step: () => Changed): Promise<Changed> {
    return this.#parts.turns.write(() => {
      const changed = step();
      if (typeof changed === "object") this.#changed.push(changed);
      return changed;
    });
  }
}
