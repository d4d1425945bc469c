import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  hashOfRoom,
  invitationOfHash,
  linkOfInvitation,
  linkOfRoom,
  roomOfHash,
} from "../../../static/chat/address.js";
import { normalizeLabel } from "../../../static/chat/text.js";

Deno.test("roomOfHash() gives back any room that hashOfRoom() wrote", () => {
  const rooms = fc.string({ unit: "grapheme", minLength: 1 })
    .map(normalizeLabel).filter((room) => room !== "");
  fc.assert(fc.property(rooms, (room) => {
    assertEquals(roomOfHash(hashOfRoom(room)), room);
    assertEquals(
      roomOfHash(new URL(linkOfRoom(room, "http://a.example/")).hash),
      room,
    );
  }));
});

Deno.test("roomOfHash() is undefined when the fragment names nothing", () => {
  assertEquals(roomOfHash(""), undefined);
  assertEquals(roomOfHash("#"), undefined);
  assertEquals(roomOfHash("#%20"), undefined);
});

Deno.test("roomOfHash() takes a fragment as it stands when it is badly escaped", () => {
  assertEquals(roomOfHash("#100%"), "100%");
});

Deno.test("linkOfRoom() replaces the fragment and the query of the page", () => {
  assertEquals(
    linkOfRoom("kitchen table", "https://chat.example/sub/?x=1#old"),
    "https://chat.example/sub/#kitchen%20table",
  );
});

Deno.test("linkOfInvitation() keeps the secret out of what servers see", () => {
  const invitation = { room: "a & b=c", invite: "s-ecret_1" };
  const link = new URL(linkOfInvitation(invitation, "http://a.example/?x=1"));
  assertEquals(link.href.slice(0, link.href.indexOf("#")), "http://a.example/");
  assertEquals(invitationOfHash(link.hash), invitation);
});

Deno.test("invitationOfHash() takes no room for an invitation", () => {
  for (
    const hash of ["", "#lobby", "#invite%3Dx", "#invite=x", "#invite=&room=a"]
  ) {
    assertEquals(invitationOfHash(hash), undefined);
  }
});
