// @ts-check

/**
 * What the page knows, and how each event changes it. Pure: no DOM, no clock,
 * no socket; every time is a number of milliseconds since 1970.
 * @module
 */

import {
  begin,
  change,
  confirm,
  hear,
  newRoom,
  notePresence,
  sync,
} from "./room.js";

/** @import { ChatMessage, Person, Presence, Welcome } from "../chat-client/wire.d.ts" */
/** @import { ChatRoom, ChatStatus } from "../chat-client/types.d.ts" */
/** @import { Place, Room } from "./room.js" */

/**
 * What was refused, by the field it concerns; `entry`: the whole first screen.
 * @typedef {{ entry?: string, name?: string, password?: string, code?: string, room?: string, message?: string }} Problems
 */

/**
 * @typedef {object} State
 * @property {"entry" | "chat"} stage which of the two screens is shown
 * @property {boolean} entering the first screen's wish is on its way
 * @property {ChatStatus} status
 * @property {Pick<Welcome, "identity" | "guests" | "registration" | "limits" | "login">} server
 * @property {string} name the name one wants
 * @property {Person | undefined} me
 * @property {boolean} account whether one has an account
 * @property {boolean} owner whether one owns the server
 * @property {boolean} tokenWanted whether the token ends soon that one came with
 * @property {readonly Room[]} rooms in the order they were opened
 * @property {string | undefined} active
 * @property {boolean} visible whether somebody may be looking at the page
 * @property {Problems} problems
 * @property {string | undefined} news something to tell, wherever one is
 * @property {string | undefined} ban how one was banned from the server, if so
 */

/**
 * @typedef {{ type: "status", status: ChatStatus }
 *   | { type: "welcome", welcome: Welcome }
 *   | { type: "ready", person: Person, owner: boolean }
 *   | { type: "named", person: Person }
 *   | { type: "entered", name: string, account: boolean, rooms: readonly string[], active: string | undefined }
 *   | { type: "opened", room: string, quiet?: boolean }
 *   | { type: "joined", live: ChatRoom, now: number }
 *   | { type: "synced", live: ChatRoom, now: number }
 *   | { type: "reset", live: ChatRoom, now: number }
 *   | { type: "heard", room: string, message: ChatMessage }
 *   | { type: "changed", room: string, message: ChatMessage }
 *   | { type: "confirmed", room: string, id: string, offset: number }
 *   | { type: "presence", room: string, presence: Presence }
 *   | { type: "counted", room: string, unread: number, mentions: number }
 *   | { type: "scrolled", room: string, atEnd: boolean }
 *   | { type: "placed", room: string, place: Place | undefined }
 *   | { type: "quoted", room: string, offset: number, message: ChatMessage | undefined }
 *   | { type: "activated", room: string }
 *   | { type: "closed", room: string }
 *   | { type: "refused", problems: Problems, room?: string }
 *   | { type: "corrected", field: keyof Problems }
 *   | { type: "visibility", visible: boolean }
 *   | { type: "token-wanted", isWanted: boolean }
 *   | { type: "told", news: string | undefined }
 *   | { type: "banned", news: string }
 *   | { type: "signed-out", problems?: Problems }} Action
 */

/** @type {State} */
export const INITIAL_STATE = {
  stage: "entry",
  entering: false,
  status: { state: "connecting" },
  server: {
    identity: "open",
    guests: true,
    registration: false,
    // Until the server has said its own.
    limits: { name: 32, room: 64, topic: 250, text: 4000, upload: 0 },
  },
  name: "",
  me: undefined,
  account: false,
  owner: false,
  tokenWanted: false,
  rooms: [],
  active: undefined,
  visible: true,
  problems: {},
  news: undefined,
  ban: undefined,
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
 * @returns {readonly Room[]} as the board shows them: direct ones last
 */
export function boardRooms({ rooms }) {
  const isDirect = (/** @type {Room} */ room) => room.kind === "direct";
  return [
    ...rooms.filter((room) => !isDirect(room)),
    ...rooms.filter(isDirect),
  ];
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
 * @param {Room} room
 * @returns {boolean} whether what comes in is read at once
 */
export function isSeen(state, room) {
  return state.stage === "chat" && state.visible &&
    state.active === room.name && room.atEnd && room.place === undefined;
}

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case "status":
      return changeStatus(state, action.status);
    case "welcome":
      return { ...state, server: action.welcome };
    case "ready":
      return {
        ...state,
        me: action.person,
        owner: action.owner,
        name: action.person.name,
        problems: {},
        ban: undefined,
      };
    case "named":
      return { ...state, me: action.person, name: action.person.name };
    case "entered":
      return activate(
        action.rooms.reduce(openRoom, {
          ...state,
          entering: true,
          name: action.name,
          account: action.account,
          problems: {},
        }),
        action.active,
      );
    case "opened": {
      const opened = openRoom(forget(state, "room"), action.room);
      return action.quiet ? opened : activate(opened, action.room);
    }
    case "joined":
    case "reset":
    case "synced":
      return takeRoom(state, action);
    case "heard": {
      const { me } = state;
      if (me === undefined) return state;
      return changeRoom(
        state,
        action.room,
        (room) =>
          hear(room, action.message, { me: me.id, seen: isSeen(state, room) }),
      );
    }
    case "changed":
      return changeRoom(
        state,
        action.room,
        (room) => change(room, action.message),
      );
    case "confirmed":
      return changeRoom(state, action.room, (room) => confirm(room, action));
    case "presence":
      return changeRoom(
        state,
        action.room,
        (room) => notePresence(room, action.presence, state.me?.id ?? ""),
      );
    case "counted": {
      const { unread, mentions } = action;
      return changeRoom(
        state,
        action.room,
        (room) =>
          room.unread === unread && room.mentions === mentions
            ? room
            : { ...room, unread, mentions },
      );
    }
    case "scrolled":
      return look(changeRoom(state, action.room, (room) => ({
        ...room,
        atEnd: action.atEnd,
      })));
    case "placed":
      return look(changeRoom(state, action.room, (room) => ({
        ...room,
        place: action.place,
      })));
    case "quoted":
      return changeRoom(state, action.room, (room) => ({
        ...room,
        quotes: new Map(room.quotes).set(action.offset, action.message),
      }));
    case "activated":
      return activate(state, action.room);
    case "closed":
      return closeRoom(state, action.room);
    case "refused": {
      const { room } = action;
      const next = room === undefined ? state : closeRoom(state, room);
      return {
        ...next,
        entering: false,
        problems: { ...state.problems, ...action.problems },
      };
    }
    case "corrected":
      return forget(state, action.field);
    case "visibility":
      return look({ ...state, visible: action.visible });
    case "token-wanted":
      return { ...state, tokenWanted: action.isWanted };
    case "told":
      return { ...state, news: action.news };
    case "banned":
      return { ...state, ban: action.news };
    case "signed-out":
      return {
        ...INITIAL_STATE,
        status: state.status,
        server: state.server,
        visible: state.visible,
        name: state.name,
        account: state.account,
        problems: action.problems ?? {},
      };
  }
}

/**
 * @param {State} state
 * @param {ChatStatus} status
 * @returns {State}
 */
function changeStatus(state, status) {
  if (status.state === "online") return { ...state, status };
  const rooms = state.rooms.map((room) =>
    room.joined ? { ...room, joined: false, typists: [] } : room
  );
  return { ...state, status, rooms };
}

/**
 * @param {State} state
 * @param {Extract<Action, { type: "joined" | "reset" | "synced" }>} action
 * @returns {State}
 */
function takeRoom(state, { type, live, now }) {
  const { me } = state;
  if (me === undefined) return state;
  const next = changeRoom(state, live.name, (room) => {
    const synced = sync(room, live, { me, now });
    return type === "reset" || (type === "joined" && !room.known)
      ? begin(synced, me.id)
      : synced;
  });
  if (type !== "joined") return look(next);
  return look({ ...next, stage: "chat", entering: false });
}

/**
 * @param {State} state
 * @param {keyof Problems} field
 * @returns {State}
 */
function forget(state, field) {
  if (state.problems[field] === undefined) return state;
  const problems = { ...state.problems };
  delete problems[field];
  return { ...state, problems };
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
  const index = boardRooms(state).findIndex((room) => room.name === name);
  if (index < 0) return state;
  const rooms = state.rooms.filter((room) => room.name !== name);
  const next = { ...state, rooms };
  if (state.active !== name) return next;
  // The neighbour below, as closing a tab does; the one above at the end.
  const neighbour = boardRooms(next)[Math.min(index, rooms.length - 1)];
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
  if (room === undefined || room.unread === 0 || !isSeen(state, room)) {
    return state;
  }
  return changeRoom(state, room.name, () => ({
    ...room,
    unread: 0,
    mentions: 0,
  }));
}

/**
 * @param {State} state
 * @param {string} name
 * @param {(room: Room) => Room} change
 * @returns {State}
 */
function changeRoom(state, name, change) {
  const index = state.rooms.findIndex((room) => room.name === name);
  const room = state.rooms[index];
  if (room === undefined) return state;
  const changed = change(room);
  if (changed === room) return state;
  return { ...state, rooms: state.rooms.with(index, changed) };
}
