/** A message as it has to be. */
export interface ModelMessage {
  readonly room: string;
  /** The sender's own id. */
  readonly id: string;
  /** The number of who says it. */
  readonly person: number;
  /** What it said at first. */
  readonly first: string;
  /** What it says. */
  text: string;
  /** The numbers of those whom it mentions. */
  mentions: readonly number[];
  isEdited: boolean;
  isDeleted: boolean;
  /** The reactions, each as the emoji and the number of a person. */
  readonly reactions: Set<string>;
  /** The number in the room, once the server has said it. */
  offset: number | undefined;
}

/** What a message looks like where order and times do not count. */
export interface Seen {
  readonly offset: number;
  readonly id: string;
  readonly person: number;
  readonly text: string;
  readonly isEdited: boolean;
  readonly isDeleted: boolean;
  readonly reactions: readonly string[];
}

/**
 * What has to come of what people do, in as few words as possible. Everything
 * in it is up to one device alone, so it does not matter in which order the
 * server does what several ask for at once.
 */
export class Model {
  /** All rooms. */
  readonly rooms = ["a", "b"] as const;
  readonly #messages: ModelMessage[] = [];
  readonly #read = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #secrets: string[] = [];

  /** Says which id a person has, and by which secret; never another one. */
  identify(person: number, id: string, secret: string | undefined): boolean {
    this.#ids[person] ??= id;
    if (secret !== undefined) this.#secrets[person] ??= secret;
    return this.#ids[person] === id && this.#secrets[person] !== undefined;
  }

  /** The id of a person. */
  idOf(person: number): string {
    return this.#ids[person]!;
  }

  /** The secret that a person comes back with, if it has been there. */
  secretOf(person: number): string | undefined {
    return this.#secrets[person];
  }

  /** The person of an id. */
  personOf(id: string): number {
    return this.#ids.indexOf(id);
  }

  /** Somebody says something; when is up to the server. */
  say(
    said: Pick<ModelMessage, "room" | "id" | "person" | "text" | "mentions">,
  ): ModelMessage {
    const message: ModelMessage = {
      ...said,
      first: said.text,
      isEdited: false,
      isDeleted: false,
      reactions: new Set(),
      offset: undefined,
    };
    this.#messages.push(message);
    return message;
  }

  /** The message of a person's id. */
  find(room: string, person: number, id: string): ModelMessage | undefined {
    return this.#messages.find((message) =>
      message.room === room && message.person === person && message.id === id
    );
  }

  /** The message of an offset. */
  at(room: string, offset: number): ModelMessage | undefined {
    return this.#messages.find((message) =>
      message.room === room && message.offset === offset
    );
  }

  /** Its author lets a message say something else. */
  edit(message: ModelMessage, text: string): void {
    message.text = text;
    message.mentions = [];
    message.isEdited = true;
  }

  /** Its author takes a message back. */
  remove(message: ModelMessage): void {
    message.text = "";
    message.mentions = [];
    message.isDeleted = true;
    message.reactions.clear();
  }

  /** Somebody reacts to a message, or does so no longer. */
  react(message: ModelMessage, reaction: string, on: boolean): void {
    if (message.isDeleted) return;
    if (on) message.reactions.add(reaction);
    else message.reactions.delete(reaction);
  }

  /** Somebody has read up to an offset. */
  read(room: string, person: number, offset: number): void {
    const key = `${person}/${room}`;
    this.#read.set(key, Math.max(offset, this.#read.get(key) ?? 0));
  }

  /** What somebody has not read. */
  unreadOf(room: string, person: number) {
    const read = this.#read.get(`${person}/${room}`) ?? 0;
    const unread = this.#messages.filter((message) =>
      message.room === room && message.offset! > read
    );
    const mentions = unread.filter((message) =>
      message.person !== person && message.mentions.includes(person)
    );
    return { read, unread: unread.length, mentions: mentions.length };
  }

  /** All messages of a room as everybody has to see them, in order. */
  messagesOf(room: string): Seen[] {
    return this.#messages.filter((message) => message.room === room)
      .toSorted((one, other) => one.offset! - other.offset!)
      .map(({ id, person, text, isEdited, isDeleted, reactions }, index) => ({
        // Whatever the server has said: there are no holes.
        offset: index + 1,
        id,
        person,
        text,
        isEdited,
        isDeleted,
        reactions: [...reactions].toSorted(),
      }));
  }
}
