import type { ChatMessage } from "./model.ts";
import type { RoomEntry } from "./server_messages.ts";

/**
 * How many bytes of messages an answer has at most, about: so that one answer
 * is far from what may wait for a reader, and a page of the longest messages is
 * shorter than it was wanted.
 */
export const MAX_PAGE_BYTES: number = 256 * 1024;

/** How many bytes a message takes in JSON, at most. */
function sizeOf(message: ChatMessage): number {
  // A code unit is at most three bytes of UTF-8; escapes of JSON are two.
  let size = 400 + 3 * message.text.length;
  size += 64 * (message.mentions?.length ?? 0);
  size += 900 * (message.attachments?.length ?? 0);
  for (const { people } of message.reactions ?? []) {
    size += 128 + 64 * people.length;
  }
  return size;
}

/** Whether messages are more than an answer has. */
export function isTooLarge(...lists: (readonly ChatMessage[])[]): boolean {
  let size = 0;
  for (const list of lists) {
    for (const message of list) {
      size += sizeOf(message);
      if (size > MAX_PAGE_BYTES) return true;
    }
  }
  return false;
}

/** As many of the first messages as an answer has, but one at least. */
export function firstOf(messages: readonly ChatMessage[]): number {
  return firstThatFit(messages.map(sizeOf));
}

/** As many of the first rooms of a list as an answer has, but one at least. */
export function firstRoomsOf(rooms: readonly RoomEntry[]): number {
  return firstThatFit(rooms.map(({ room, topic, last }) =>
    // With names and ids of two people.
    1000 + 3 * (room.length + topic.length + (last?.text.length ?? 0))
  ));
}

function firstThatFit(sizes: readonly number[]): number {
  let sum = 0;
  for (const [index, size] of sizes.entries()) {
    sum += size;
    if (sum > MAX_PAGE_BYTES && index > 0) return index;
  }
  return sizes.length;
}

/** As many of the last messages as an answer has, but one at least. */
export function lastOf(messages: readonly ChatMessage[]): number {
  return firstOf(messages.toReversed());
}
