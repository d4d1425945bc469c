import { ChatRefusal, listMembers, listRooms } from "../chat/mod.ts";
import { mustNotBeTooFast } from "../chat/operations/rates.ts";
import { readerStanding } from "../chat/permissions.ts";
import { readRoom } from "../chat/requests/fields.ts";
import { ROOM_REQUESTS } from "../chat/requests/rooms.ts";
import { answer } from "./answer.ts";
import type { Operation } from "./operation.ts";
import { afterParameter, limitParameter } from "./parameters.ts";

/** Rooms, and who is in them. */
export const ROOM_OPERATIONS: readonly Operation[] = [
  {
    id: "listRooms",
    method: "GET",
    path: "/rooms",
    summary: "Lists public rooms, and those that the caller is a member of.",
    scope: "rooms:read",
    query: { after: afterParameter("room's name"), limit: limitParameter() },
    answers: { 200: { description: "The rooms.", body: "RoomList" } },
    async handle({ chat, caller, fields }) {
      const place = ROOM_REQUESTS.rooms.parse(fields, undefined);
      return answer(200, await listRooms(chat, caller.actor, place));
    },
  },
  {
    id: "getRoom",
    method: "GET",
    path: "/rooms/{room}",
    summary: "Describes a room.",
    scope: "rooms:read",
    answers: { 200: { description: "The room.", body: "Room" } },
    async handle({ chat, caller, fields }) {
      const name = readRoom(fields);
      await readerStanding(chat, caller.actor, name);
      mustNotBeTooFast(chat, caller.actor, "pages");
      const room = await chat.store.rooms.get(name);
      if (room === undefined) throw new ChatRefusal("room_unknown");
      const { kind, topic, epoch, offset, change, slow } = room;
      const count = chat.rooms.get(name)?.count ?? 0;
      const numbers = { count, epoch, offset, change, slow };
      return answer(200, { room: room.room, kind, topic, ...numbers });
    },
  },
  {
    id: "listMembers",
    method: "GET",
    path: "/rooms/{room}/members",
    summary:
      "Lists who is in a room; of one that is not public, who may be there too.",
    scope: "members:read",
    query: { after: afterParameter("person's id"), limit: limitParameter(100) },
    answers: { 200: { description: "The members.", body: "MemberList" } },
    async handle({ chat, caller, fields }) {
      const place = ROOM_REQUESTS.members.parse(fields, undefined);
      const list = await listMembers(chat, caller.actor, place);
      return answer(200, { room: place.room, ...list });
    },
  },
];
