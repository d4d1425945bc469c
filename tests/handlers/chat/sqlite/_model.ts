import type { ChatMessage, Reaction } from "../../../../handlers/chat/model.ts";

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** A room as simple as can be, to compare a store with. */
export class ModelRoom {
  readonly messages: Mutable<ChatMessage>[] = [];
  readonly changes: number[] = [];
  readonly read = new Map<string, number>();
  forgotten = 0;

  append(message: Omit<ChatMessage, "offset">): ChatMessage | string {
    const sent = this.kept().find(({ id, from }) =>
      id === message.id && from.id === message.from.id
    );
    if (sent !== undefined) return this.#copy(sent);
    const { reply_to: answered } = message;
    if (answered !== undefined && !this.get(answered)) return "message_unknown";
    const added = { ...message, offset: this.messages.length + 1 };
    this.messages.push(added);
    return this.#copy(added);
  }

  get(offset: number): Mutable<ChatMessage> | undefined {
    return this.kept().find((message) => message.offset === offset);
  }

  kept(): Mutable<ChatMessage>[] {
    return this.messages.slice(this.forgotten);
  }

  change(
    offset: number,
    how: (message: Mutable<ChatMessage>) => boolean | string,
  ): ChatMessage | string {
    const message = this.get(offset);
    if (message === undefined) return "message_unknown";
    const isChanged = how(message);
    if (isChanged !== true) return isChanged || "unchanged";
    this.changes.push(offset);
    return this.#copy(message);
  }

  edit(offset: number, text: string, edited: string): ChatMessage | string {
    return this.change(offset, (message) => {
      if (message.deleted) return "message_unknown";
      if (message.text === text && message.mentions === undefined) return false;
      delete message.mentions;
      Object.assign(message, { text, edited });
      return true;
    });
  }

  remove(offset: number): ChatMessage | string {
    return this.change(offset, (message) => {
      if (message.deleted) return false;
      delete message.mentions;
      delete message.reactions;
      Object.assign(message, { text: "", deleted: true });
      return true;
    });
  }

  react(
    offset: number,
    { emoji, person, on, maxDifferent }: {
      emoji: string;
      person: string;
      on: boolean;
      maxDifferent: number;
    },
  ): ChatMessage | string {
    return this.change(offset, (message) => {
      if (message.deleted) return "message_unknown";
      const pairs = (message.reactions ?? []).flatMap(({ emoji, people }) =>
        people.map((person) => ({ emoji, person }))
      );
      const emojis = new Set(pairs.map((pair) => pair.emoji)).add(emoji);
      if (on && emojis.size > maxDifferent) return "too_many_reactions";
      const others = pairs.filter((pair) =>
        pair.emoji !== emoji || pair.person !== person
      );
      if ((others.length < pairs.length) === on) return false;
      message.reactions = grouped(on ? [...pairs, { emoji, person }] : others);
      if (message.reactions.length === 0) delete message.reactions;
      return true;
    });
  }

  markRead(person: string, offset: number) {
    const read = Math.max(
      this.read.get(person) ?? 0,
      Math.min(offset, this.messages.length),
    );
    this.read.set(person, read);
    const unread = this.kept().filter((message) => message.offset > read);
    const mentions = unread.filter(({ mentions, from }) =>
      from.id !== person && mentions?.includes(person)
    );
    return { read, unread: unread.length, mentions: mentions.length };
  }

  since(offset: number, change: number, limit: number) {
    const lost = this.changes.findLastIndex((of) => of <= this.forgotten) + 1;
    if (offset > this.messages.length || change > this.changes.length) return;
    if (offset < this.forgotten || change < lost) return;
    const messages = this.messages.slice(offset);
    const changed = this.changes.slice(change)
      .filter((of, at, all) => of <= offset && all.lastIndexOf(of) === at)
      .map((of) => this.get(of)!);
    if (messages.length + changed.length > limit) return;
    return { messages, changed };
  }

  #copy(message: ChatMessage): ChatMessage {
    return structuredClone(message);
  }
}

function grouped(
  pairs: readonly { readonly emoji: string; readonly person: string }[],
): Reaction[] {
  return [...Map.groupBy(pairs, ({ emoji }) => emoji)].map(
    ([emoji, all]) => ({
      emoji,
      count: all.length,
      people: all.map(({ person }) => person),
    }),
  );
}
