// @ts-check
/// <reference lib="dom" />

import { hashOfRoom, invitationOfHash, roomOfHash } from "./address.js";

/**
 * Reads from the address which room the person wants, and takes the secret of an
 * invitation out of it: it must not be in the history, nor be copied by mistake.
 *
 * @returns {{ room: string, invite?: string } | undefined}
 */
export function takeInvitation() {
  const found = invitationOfHash(location.hash);
  if (found !== undefined) {
    history.replaceState(null, "", hashOfRoom(found.room));
    return found;
  }
  const room = roomOfHash(location.hash);
  return room === undefined ? undefined : { room };
}
