// @ts-check

/**
 * What the page knows, and how each event changes it. Pure: no DOM, no clock,
 * no socket; every time is a number of milliseconds since 1970.
 * @module
 */

import { DEFAULT_LIMITS } from "./protocol.js";

/** @typedef {import("./protocol.js").Limits} Limits */
/** @typedef {import("./protocol.js").Member} Member */
/** @typedef {import("./protocol.js").ServerMessage} ServerMessage */
/** @typedef {import("./connection.js").Link} Link */

/**
 * Something somebody said. One's own line is `pending` until the server's copy
 * of it comes back, and `failed` when it cannot come any more.
 * @typedef {object} Utterance
 * @property {"message"} kind
 * @property {string} key unique in its room; the same before and after `sent`
 * @property {Member} from
 * @property {boolean} own
 * @property {string} text
 * @property {number} time
 * @property {"pending" | "sent" | "failed"} status
 * @property {string} [problem] why it failed
 */

/**
 * Something that happened: `returned` is a `left` soon followed by a `joined`,
 * `gap` the time in which this page heard nothing.
 * @typedef {object} Notice
 * @property {"notice"} kind
 * @property {string} key
 * @property {"joined" | "left" | "returned" | "renamed" | "gap"} event
 * @property {string} name
 * @property {boolean} own
 * @property {number} time
 * @property {string} [was] the former name, of `renamed`
 * @property {number} [duration] in milliseconds, of `gap`
 */

/** @typedef {Utterance | Notice} Line */

/**
 * @typedef {object} Room
 * @property {string} name
 * @property {boolean} joined on the connection that is open now
 * @property {number | undefined} lostAt when the last connection was lost
 * @property {readonly Member[]} members in order of joining
 * @property {readonly Line[]} lines in the server's order
 * @property {readonly Utterance[]} unsent own lines that the server has not confirmed
 * @property {number} unread
 * @property {string | undefined} newFrom key of the first line not yet seen
 */

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
 * @property {number} count how many lines were made, for their keys
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

/** A room keeps this many lines; older ones are forgotten. */
export const MAX_LINES = 1000;

/** Who is back within this time, in milliseconds, "reconnected". */
export const RETURN_TIME = 5 * 60_000;

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
  count: 0,
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
    case "said":
      return say(state, action);
    case "discarded":
      return changeRoom(state, action.room, (room) => ({
        ...room,
        unsent: room.unsent.filter((line) => line.key !== action.ref),
      }));
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
  const rooms = state.rooms.map((room) => ({
    ...room,
    joined: false,
    lostAt: room.joined ? now : room.lostAt,
    unsent: room.unsent.map((line) =>
      line.status === "pending" ? fail(line) : line
    ),
  }));
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
    case "joined":
      return joined(state, message, now);
    case "left":
      return state;
    case "member_joined":
      return changeRoom(state, message.room, (room) =>
        memberJoined(room, {
          key: `line-${state.count}`,
          member: message.member,
          time: Date.parse(message.time),
        }));
    case "member_left":
      return changeRoom(
        state,
        message.room,
        (room) =>
          addLines({
            ...room,
            members: room.members.filter(({ id }) => id !== message.member.id),
          }, [{
            kind: "notice",
            key: `line-${state.count}`,
            event: "left",
            name: message.member.name,
            own: false,
            time: Date.parse(message.time),
          }]),
      );
    case "member_renamed":
      return changeRoom(
        state,
        message.room,
        (room) =>
          addLines({
            ...room,
            members: room.members.map((member) =>
              member.id === message.member.id ? message.member : member
            ),
          }, [{
            kind: "notice",
            key: `line-${state.count}`,
            event: "renamed",
            name: message.member.name,
            was: message.was,
            own: message.member.id === state.me?.id,
            time: Date.parse(message.time),
          }]),
      );
    case "message":
      return changeRoom(
        state,
        message.room,
        (room) => hear(state, room, message),
      );
    case "error":
      return refuse(state, message);
  }
}

/**
 * @param {State} state
 * @param {import("./protocol.js").Joined} message
 * @param {number} now
 * @returns {State}
 */
function joined(state, message, now) {
  const time = Date.parse(message.time);
  const next = changeRoom(state, message.room, (room) => {
    const here = {
      ...room,
      joined: true,
      lostAt: undefined,
      members: message.members,
    };
    if (room.joined) return here;
    return addLines(here, [{
      kind: "notice",
      key: `line-${state.count}`,
      event: room.lostAt === undefined ? "joined" : "gap",
      name: state.name,
      own: true,
      time,
      // Both by this device's clock: the server's may be another one.
      ...room.lostAt !== undefined && { duration: now - room.lostAt },
    }]);
  });
  return next === state ? state : {
    ...next,
    stage: "chat",
    entering: false,
  };
}

/**
 * @param {Room} room
 * @param {{ key: string, member: Member, time: number }} arrival
 * @returns {Room}
 */
function memberJoined(room, { key, member, time }) {
  const members = [
    ...room.members.filter(({ id }) => id !== member.id),
    member,
  ];
  /** @type {Notice} */
  const notice = {
    kind: "notice",
    key,
    event: "joined",
    name: member.name,
    own: false,
    time,
  };
  const farewell = findFarewell(room.lines, notice);
  if (farewell === undefined) return addLines({ ...room, members }, [notice]);
  // A phone that sleeps and wakes would fill the talk with "left" and
  // "joined": one line that says so is enough.
  const lines = room.lines.filter((line) =>
    !(line === farewell || isReturnOf(line, farewell, room.lines))
  );
  return addLines({ ...room, members, lines }, [{
    ...notice,
    event: "returned",
  }]);
}

/**
 * The recent notice that the same name had left, if nobody spoke since.
 *
 * @param {readonly Line[]} lines
 * @param {Notice} arrival
 * @returns {Notice | undefined}
 */
function findFarewell(lines, arrival) {
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i];
    if (line?.kind !== "notice" || arrival.time - line.time > RETURN_TIME) {
      return undefined;
    }
    if (line.event === "left" && line.name === arrival.name) return line;
  }
  return undefined;
}

/**
 * @param {Line} line
 * @param {Notice} farewell
 * @param {readonly Line[]} lines
 * @returns {boolean} whether it says that the same person had just come back
 */
function isReturnOf(line, farewell, lines) {
  return line.kind === "notice" && line.event === "returned" &&
    line.name === farewell.name &&
    lines.slice(lines.indexOf(line)).every(({ kind }) => kind === "notice");
}

/**
 * @param {State} state
 * @param {Room} room
 * @param {import("./protocol.js").Message} message
 * @returns {Room}
 */
function hear(state, room, message) {
  const own = message.from.id === state.me?.id;
  // Others see this page's refs too, and may use the same ones.
  const mine = own
    ? room.unsent.find((line) => line.key === message.ref)
    : undefined;
  /** @type {Utterance} */
  const line = {
    kind: "message",
    key: mine?.key ?? message.id,
    from: message.from,
    own,
    text: message.text,
    time: Date.parse(message.time),
    status: "sent",
  };
  const unseen = !own && !(state.visible && state.active === room.name);
  return addLines({
    ...room,
    unsent: room.unsent.filter((other) => other !== mine),
    unread: unseen ? room.unread + 1 : room.unread,
    newFrom: own ? undefined : room.newFrom ?? (unseen ? line.key : undefined),
  }, [line]);
}

/**
 * @param {State} state
 * @param {import("./protocol.js").Refusal} error
 * @returns {State}
 */
function refuse(state, error) {
  const isUnsent = (/** @type {Utterance} */ line) => line.key === error.ref;
  const room = state.rooms.find(({ unsent }) => unsent.some(isUnsent));
  if (room !== undefined) {
    return changeRoom(state, room.name, () => ({
      ...room,
      unsent: room.unsent.map((line) =>
        isUnsent(line) ? fail(line, error.message) : line
      ),
    }));
  }
  const field = FIELD_OF_CODE.get(error.code) ?? "message";
  return {
    ...state,
    entering: false,
    // Without a name there is no chat: back to where one is chosen.
    stage: field === "name" && state.me === undefined ? "entry" : state.stage,
    problems: { ...state.problems, [field]: error.message },
  };
}

/**
 * @param {State} state
 * @param {{ room: string, ref: string, text: string, now: number }} utterance
 * @returns {State}
 */
function say(state, { room: name, ref, text, now }) {
  const { me } = state;
  if (me === undefined) return state;
  const { message: _, ...problems } = state.problems;
  return changeRoom({ ...state, problems }, name, (room) => ({
    ...room,
    newFrom: undefined,
    unsent: [
      ...room.unsent.filter((line) => line.key !== ref),
      {
        kind: "message",
        key: ref,
        from: me,
        own: true,
        text,
        time: now,
        status: "pending",
      },
    ],
  }));
}

/**
 * @param {Utterance} line
 * @param {string} [problem]
 * @returns {Utterance}
 */
function fail(line, problem = "The connection was lost.") {
  return { ...line, status: "failed", problem };
}

/**
 * @param {State} state
 * @param {string} name
 * @returns {State}
 */
function openRoom(state, name) {
  if (findRoom(state, name) !== undefined) return state;
  /** @type {Room} */
  const room = {
    name,
    joined: false,
    lostAt: undefined,
    members: [],
    lines: [],
    unsent: [],
    unread: 0,
    newFrom: undefined,
  };
  return { ...state, rooms: [...state.rooms, room] };
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
 * @param {Room} room
 * @param {readonly Line[]} lines
 * @returns {Room}
 */
function addLines(room, lines) {
  return { ...room, lines: [...room.lines, ...lines].slice(-MAX_LINES) };
}

/**
 * @param {State} state
 * @param {string} name
 * @param {(room: Room) => Room} change
 * @returns {State} the same one when there is no such room
 */
function changeRoom(state, name, change) {
  let found = false;
  const rooms = state.rooms.map((room) => {
    if (room.name !== name) return room;
    found = true;
    return change(room);
  });
  return found ? { ...state, rooms, count: state.count + 1 } : state;
}
