// @ts-check

/**
 * What the page knows, and how each event changes it. Pure: no DOM, no clock,
 * no socket; every time is a number of milliseconds since 1970.
 * @module
 */

import { DEFAULT_LIMITS } from "./protocol.js";
import {
  arrive,
  discard,
  fail,
  hear,
  lose,
  memberJoined,
  memberLeft,
  memberRenamed,
  newRoom,
  say,
} from "./room.js";

/** @typedef {import("./protocol.js").Limits} Limits */
/** @typedef {import("./protocol.js").Member} Member */
/** @typedef {import("./protocol.js").ServerMessage} ServerMessage */
/** @typedef {import("./connection.js").Link} Link */
/** @typedef {import("./room.js").Room} Room */

/** @typedef {{ name?: string, room?: string, message?: string }} Problems */

/**
 * @typedef {object} State
 * @property {"entry" | "chat"} stage which of the two screens is shown
 * @property {boolean} entering the first screen's wish is on its way
 * @property {Link} link
 * @property {Limits} limits
 * @property {string} name the name one wants
 * @property {Member | undefined} me as the server knows one, on this connection
 * @property {readonly Room[]} rooms in the order they were opened
 * @property {string | undefined} active
 * @property {boolean} visible whether somebody may be looking at the page
 * @property {Problems} problems what the server refused, by the field it concerns
 */

/**
 * @typedef {{ type: "link", link: Link, now: number }
 *   | { type: "received", message: ServerMessage, now: number }
 *   | { type: "entered", name: string, rooms: readonly string[], active: string | undefined }
 *   | { type: "opened", room: string }
 *   | { type: "activated", room: string }
 *   | { type: "closed", room: string }
 *   | { type: "refused", room: string, problem: string }
 *   | { type: "said", room: string, ref: string, text: string, now: number }
 *   | { type: "discarded", room: string, ref: string }
 *   | { type: "corrected", field: keyof Problems }
 *   | { type: "visibility", visible: boolean }
 *   | { type: "signed-out" }} Action
 */

/** Which field a refusal belongs to, by its code; anything else: the message. */
const FIELD_OF_CODE = new Map(
  /** @type {[string, keyof Problems][]} */ ([
    ["invalid_name", "name"],
    ["invalid_key", "name"],
    ["name_taken", "name"],
    ["name_required", "name"],
    ["invalid_room", "room"],
    ["too_many_rooms", "room"],
  ]),
);

/** @type {State} */
export const INITIAL_STATE = {
  stage: "entry",
  entering: false,
  link: { phase: "stopped" },
  limits: DEFAULT_LIMITS,
  name: "",
  me: undefined,
  rooms: [],
  active: undefined,
  visible: true,
  problems: {},
};

/**
 * @param {State} state
 * @param {string | undefined} name
 * @returns {Room | undefined}
 */
export function findRoom(state, name) {
  return state.rooms.find((room) => room.name === name);
}

/**
 * @param {State} state
 * @returns {number} unread messages of all rooms
 */
export function countUnread(state) {
  return state.rooms.reduce((sum, room) => sum + room.unread, 0);
}

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case "link":
      return changeLink(state, action.link, action.now);
    case "received":
      return receive(state, action.message, action.now);
    case "entered":
      return activate(
        action.rooms.reduce(openRoom, {
          ...state,
          entering: true,
          name: action.name,
          problems: {},
        }),
        action.active,
      );
    case "opened": {
      const { room: _, ...problems } = state.problems;
      return activate(
        openRoom({ ...state, problems }, action.room),
        action.room,
      );
    }
    case "activated":
      return activate(state, action.room);
    case "closed":
      return closeRoom(state, action.room);
    case "refused":
      return {
        ...closeRoom(state, action.room),
        entering: false,
        problems: { ...state.problems, room: action.problem },
      };
    case "said": {
      const { me: from } = state;
      if (from === undefined) return state;
      const { message: _, ...problems } = state.problems;
      return changeRoom(
        { ...state, problems },
        action.room,
        (room) => say(room, { ...action, from }),
      );
    }
    case "discarded":
      return changeRoom(
        state,
        action.room,
        (room) => discard(room, action.ref),
      );
    case "corrected": {
      if (state.problems[action.field] === undefined) return state;
      const problems = { ...state.problems };
      delete problems[action.field];
      return { ...state, problems };
    }
    case "visibility":
      return look({ ...state, visible: action.visible });
    case "signed-out":
      return {
        ...INITIAL_STATE,
        link: state.link,
        limits: state.limits,
        visible: state.visible,
      };
  }
}

/**
 * @param {State} state
 * @param {Link} link
 * @param {number} now
 * @returns {State}
 */
function changeLink(state, link, now) {
  if (link.phase === "open") return { ...state, link };
  const rooms = state.rooms.map((room) => lose(room, now));
  return { ...state, link, me: undefined, rooms };
}

/**
 * @param {State} state
 * @param {ServerMessage} message
 * @param {number} now
 * @returns {State}
 */
function receive(state, message, now) {
  switch (message.type) {
    case "welcome":
      return { ...state, limits: message.limits };
    case "named": {
      const { name: _, ...problems } = state.problems;
      return {
        ...state,
        me: message.member,
        name: message.member.name,
        problems,
      };
    }
    case "left":
      return state;
    case "error":
      return refuse(state, message);
    case "joined":
      if (findRoom(state, message.room) === undefined) return state;
      return changeRoom(
        { ...state, stage: "chat", entering: false },
        message.room,
        (room) =>
          arrive(room, {
            members: message.members,
            name: state.name,
            time: Date.parse(message.time),
            now,
          }),
      );
    default:
      return changeRoom(
        state,
        message.room,
        (room) => hearInRoom(state, room, message),
      );
  }
}

/**
 * @param {State} state
 * @param {Room} room
 * @param {import("./protocol.js").RoomMessage} message
 * @returns {Room}
 */
function hearInRoom(state, room, message) {
  const time = Date.parse(message.time);
  switch (message.type) {
    case "member_joined":
      return memberJoined(room, message.member, time);
    case "member_left":
      return memberLeft(room, message.member, time);
    case "member_renamed": {
      const own = message.member.id === state.me?.id;
      return memberRenamed(room, message.member, {
        was: message.was,
        own,
        time,
      });
    }
    case "message":
      return hear(room, message, {
        own: message.from.id === state.me?.id,
        seen: state.visible && state.active === room.name,
      });
  }
}

/**
 * @param {State} state
 * @param {import("./protocol.js").Refusal} error
 * @returns {State}
 */
function refuse(state, error) {
  const { ref = "", message } = error;
  const room = state.rooms.find(({ unsent }) =>
    unsent.some(({ key }) => key === ref)
  );
  if (room !== undefined) {
    return changeRoom(state, room.name, () => fail(room, ref, message));
  }
  const field = FIELD_OF_CODE.get(error.code) ?? "message";
  return {
    ...state,
    entering: false,
    // Without a name there is no chat: back to where one is chosen.
    stage: field === "name" && state.me === undefined ? "entry" : state.stage,
    problems: { ...state.problems, [field]: message },
  };
}

/**
 * @param {State} state
 * @param {string} name
 * @returns {State}
 */
function openRoom(state, name) {
  if (findRoom(state, name) !== undefined) return state;
  return { ...state, rooms: [...state.rooms, newRoom(name)] };
}

/**
 * @param {State} state
 * @param {string} name
 * @returns {State}
 */
function closeRoom(state, name) {
  const index = state.rooms.findIndex((room) => room.name === name);
  if (index < 0) return state;
  const rooms = state.rooms.filter((room) => room.name !== name);
  const next = { ...state, rooms };
  if (state.active !== name) return next;
  // The neighbour below, as closing a tab does; the one above at the end.
  const neighbour = rooms[Math.min(index, rooms.length - 1)];
  return look({ ...next, active: neighbour?.name });
}

/**
 * @param {State} state
 * @param {string | undefined} name
 * @returns {State}
 */
function activate(state, name) {
  if (findRoom(state, name) === undefined) return state;
  // Turning away from a room is having seen what was new in it.
  const left = state.active === name || state.active === undefined
    ? state
    : changeRoom(state, state.active, (room) => ({
      ...room,
      newFrom: undefined,
    }));
  return look({ ...left, active: name });
}

/**
 * What is on a visible screen is read.
 *
 * @param {State} state
 * @returns {State}
 */
function look(state) {
  const room = findRoom(state, state.active);
  if (!state.visible || room === undefined || room.unread === 0) return state;
  return changeRoom(state, room.name, () => ({ ...room, unread: 0 }));
}

/**
 * @param {State} state
 * @param {string} name
 * @param {(room: Room) => Room} change
 * @returns {State}
 */
function changeRoom(state, name, change) {
  const rooms = state.rooms.map((room) =>
    room.name === name ? change(room) : room
  );
  return { ...state, rooms };
}
