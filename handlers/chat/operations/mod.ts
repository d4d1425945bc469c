export {
  createToken,
  dropToken,
  listTokens,
  type NewToken,
} from "./api_tokens.ts";
export { deleteMessage, editMessage, react, versions } from "./change.ts";
export { directRoom } from "./direct_room.ts";
export { disconnect, endSessions } from "./disconnect.ts";
export { type Found, history, type Page, search } from "./history.ts";
export { dropInvite, type Invitation, invite, listInvites } from "./invites.ts";
export {
  banFromRoom,
  kick,
  mute,
  setRole,
  unbanFromRoom,
} from "./moderate_member.ts";
export { deleteRoom, resetRoom, setSlow } from "./moderate_room.ts";
export { listAudit, listBans } from "./moderation_lists.ts";
export { listMembers, listRooms, setTopic } from "./rooms.ts";
export { type NewText, send, type Sent } from "./send.ts";
export { banFromServer, banOfAddress, unbanFromServer } from "./server_bans.ts";
export { dropUnusedRooms } from "./unused_rooms.ts";
