import { assertEquals, assertThrows } from "@std/assert";
import { ChatRefusal } from "../../../handlers/chat/mod.ts";
import {
  type Action,
  isAbove,
  judgeEntry,
  LEAST_RANKS,
  mayDo,
  mayMakeRooms,
  mustBeAllowed,
  type Rank,
  RANKS,
} from "../../../handlers/chat/permissions.ts";
import type { RoomKind, RoomRole } from "../../../handlers/chat/mod.ts";

const ACTIONS = Object.keys(LEAST_RANKS) as Action[];

/** Somebody of a rank in a room. */
function somebody(rank: Rank): { isOwner: boolean; role: RoomRole } {
  return rank === "server_owner"
    ? { isOwner: true, role: "member" }
    : { isOwner: false, role: rank };
}

Deno.test("mayDo() allows each rank what the table says", () => {
  const table = ACTIONS.map((action) => {
    const marks = RANKS.map((rank) => {
      const { isOwner, role } = somebody(rank);
      return mayDo({ isOwner }, action, { room: "lobby", role }) ? "x" : ".";
    });
    return [action.padEnd(13), ...marks].join(" ");
  });
  assertEquals(table, [
    //            member, moderator, owner, owner of the server
    "speak_at_once . x x x",
    "delete        . x x x",
    "versions      . x x x",
    "topic         . x x x",
    "invite        . x x x",
    "kick          . x x x",
    "mute          . x x x",
    "ban           . x x x",
    "unban         . x x x",
    "slow          . x x x",
    "bans          . x x x",
    "audit         . x x x",
    "step_down     x x x x",
    "role          . . x x",
    "delete_room   . . x x",
    "reset_room    . . x x",
    "server_bans   . . . x",
    "server_audit  . . . x",
    "tokens        . . . x",
  ]);
});

Deno.test("mayDo() allows nobody anything in a direct room", () => {
  for (const rank of RANKS) {
    const { isOwner, role } = somebody(rank);
    for (const action of ACTIONS) {
      assertEquals(mayDo({ isOwner }, action, { room: "@ab", role }), false);
    }
  }
});

Deno.test("mustBeAllowed() refuses with not_allowed", () => {
  mustBeAllowed({ isOwner: true }, "tokens");
  const error = assertThrows(
    () => mustBeAllowed({ isOwner: false }, "tokens"),
    ChatRefusal,
  );
  assertEquals(error.code, "not_allowed");
});

Deno.test("isAbove() says that nobody is above an equal", () => {
  for (const [index, rank] of RANKS.entries()) {
    for (const [below, other] of RANKS.entries()) {
      assertEquals(isAbove(rank, other), index > below);
    }
  }
});

Deno.test("mayMakeRooms() says who may, as it is configured", () => {
  const [owner, other] = [{ isOwner: true }, { isOwner: false }];
  const [all, one] = [{ createRooms: "everybody" }, {
    createRooms: "owner",
  }] as const;
  assertEquals([mayMakeRooms(other, all), mayMakeRooms(other, one)], [
    true,
    false,
  ]);
  assertEquals([mayMakeRooms(owner, all), mayMakeRooms(owner, one)], [
    true,
    true,
  ]);
});

Deno.test("judgeEntry() lets people in as the table says", () => {
  const person = { id: "a", name: "Ana" };
  const rooms: RoomKind[] = ["public", "private", "direct"];
  const member = { person: "a", role: "member", read: 0 } as const;
  const ban = { person, addresses: [], by: person, reason: "", time: 0 };
  const judge = (kind: RoomKind, who: {
    isOwner?: boolean;
    isMember?: boolean;
    isBanned?: boolean;
  }): string => {
    const room = { room: "a", kind, topic: "", epoch: "e", slow: 0 };
    try {
      return judgeEntry({ person, isOwner: who.isOwner === true }, {
        room: { ...room, offset: 0, change: 0, created: 0 },
        membership: who.isMember ? member : undefined,
        ban: who.isBanned ? ban : undefined,
      });
    } catch (error) {
      return (error as ChatRefusal).code;
    }
  };
  const row = (who: Parameters<typeof judge>[1]) =>
    rooms.map((kind) => judge(kind, who)).join(" ");
  assertEquals({
    stranger: row({}),
    member: row({ isMember: true }),
    banned: row({ isBanned: true }),
    bannedMember: row({ isBanned: true, isMember: true }),
    owner: row({ isOwner: true }),
    bannedOwner: row({ isOwner: true, isBanned: true }),
  }, {
    stranger: "enter invite room_unknown",
    member: "enter enter enter",
    banned: "banned banned room_unknown",
    bannedMember: "banned banned enter",
    owner: "enter enter room_unknown",
    bannedOwner: "enter enter room_unknown",
  });
});
