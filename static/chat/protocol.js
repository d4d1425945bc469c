// @ts-check

/**
 * The words of `switchboard.chat.v1`, as the page speaks them.
 * @module
 */

/** The WebSocket subprotocol the server insists on. */
export const SUBPROTOCOL = "switchboard.chat.v1";

/** Close codes with a meaning of their own in this protocol. */
export const CLOSE_CODE = /** @type {const} */ ({
  /** The server is going away; come back with back-off. */
  GOING_AWAY: 1001,
  /** Another connection took over the name; do not come back unasked. */
  REPLACED: 4001,
  /** This end read too slowly; come back. */
  TOO_SLOW: 4008,
});

/**
 * @typedef {object} Member
 * @property {string} id made by the server, lives as long as a connection
 * @property {string} name
 */

/**
 * What the server allows, in code points (`rooms`: a count).
 * @typedef {object} Limits
 * @property {number} name
 * @property {number} room
 * @property {number} text
 * @property {number} rooms
 */

/**
 * The limits assumed until the server has said its own.
 * @type {Limits}
 */
export const DEFAULT_LIMITS = { name: 32, room: 64, text: 4000, rooms: 20 };

/** @typedef {{ type: "welcome", member: string, limits: Limits }} Welcome */
/** @typedef {{ type: "named", member: Member, ref?: string }} Named */
/** @typedef {{ type: "joined", room: string, members: Member[], time: string, ref?: string }} Joined */
/** @typedef {{ type: "left", room: string, ref?: string }} Left */
/** @typedef {{ type: "member_joined", room: string, member: Member, time: string }} MemberJoined */
/** @typedef {{ type: "member_left", room: string, member: Member, time: string }} MemberLeft */
/** @typedef {{ type: "member_renamed", room: string, member: Member, was: string, time: string }} MemberRenamed */
/** @typedef {{ type: "message", room: string, id: string, from: Member, text: string, time: string, ref?: string }} Message */
/** @typedef {{ type: "error", code: string, message: string, ref?: string, room?: string }} Refusal */

/**
 * What a room's members hear of each other.
 * @typedef {MemberJoined | MemberLeft | MemberRenamed | Message} RoomMessage
 */

/** @typedef {Welcome | Named | Joined | Left | RoomMessage | Refusal} ServerMessage */

/** @typedef {{ type: "name", name: string, key?: string, ref?: string }} NameRequest */
/** @typedef {{ type: "join", room: string, ref?: string }} JoinRequest */
/** @typedef {{ type: "leave", room: string, ref?: string }} LeaveRequest */
/** @typedef {{ type: "message", room: string, text: string, ref?: string }} MessageRequest */

/** @typedef {NameRequest | JoinRequest | LeaveRequest | MessageRequest} ClientRequest */

/**
 * The fields each message must have, and their kind. Unknown fields pass: the
 * protocol lets a newer server add some.
 * @type {Record<ServerMessage["type"], Record<string, (value: unknown) => boolean>>}
 */
const SHAPES = {
  welcome: { member: isString, limits: isLimits },
  named: { member: isMember },
  joined: { room: isString, members: isMembers, time: isTime },
  left: { room: isString },
  member_joined: { room: isString, member: isMember, time: isTime },
  member_left: { room: isString, member: isMember, time: isTime },
  member_renamed: {
    room: isString,
    member: isMember,
    was: isString,
    time: isTime,
  },
  message: {
    room: isString,
    id: isString,
    from: isMember,
    text: isString,
    time: isTime,
  },
  error: { code: isString, message: isString },
};

/**
 * Reads one message of the server.
 *
 * @param {unknown} data what the WebSocket handed over
 * @returns {ServerMessage | undefined} `undefined` for anything this page does
 * not know, which it ignores as the protocol asks
 */
export function parseServerMessage(data) {
  if (typeof data !== "string") return undefined;
  /** @type {unknown} */
  let message;
  try {
    message = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (!isRecord(message) || !isString(message.type)) return undefined;
  if (!Object.hasOwn(SHAPES, message.type)) return undefined;
  const shape = SHAPES[/** @type {ServerMessage["type"]} */ (message.type)];
  for (const [field, holds] of Object.entries(shape)) {
    if (!holds(message[field])) return undefined;
  }
  if (message.ref !== undefined && !isString(message.ref)) return undefined;
  return /** @type {ServerMessage} */ (/** @type {unknown} */ (message));
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isString(value) {
  return typeof value === "string";
}

/**
 * @param {unknown} value
 * @returns {boolean}
 */
function isTime(value) {
  return isString(value) && !Number.isNaN(Date.parse(value));
}

/**
 * @param {unknown} value
 * @returns {value is Member}
 */
function isMember(value) {
  return isRecord(value) && isString(value.id) && isString(value.name);
}

/**
 * @param {unknown} value
 * @returns {value is Member[]}
 */
function isMembers(value) {
  return Array.isArray(value) && value.every(isMember);
}

/**
 * @param {unknown} value
 * @returns {value is Limits}
 */
function isLimits(value) {
  return isRecord(value) &&
    Object.keys(DEFAULT_LIMITS).every((name) =>
      Number.isSafeInteger(value[name]) && Number(value[name]) > 0
    );
}
