// @ts-check

/**
 * One room as the page knows it, and how each event changes it. Pure, as
 * `state.js` is, which holds the rooms.
 * @module
 */

/** @typedef {import("./protocol.js").Member} Member */

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
 * @property {number} notices how many there were, for their keys
 */

/** A room keeps this many lines; older ones are forgotten. */
export const MAX_LINES = 1000;

/** Who is back within this time, in milliseconds, "reconnected". */
export const RETURN_TIME = 5 * 60_000;

/**
 * @param {string} name
 * @returns {Room} before it is joined
 */
export function newRoom(name) {
  return {
    name,
    joined: false,
    lostAt: undefined,
    members: [],
    lines: [],
    unsent: [],
    unread: 0,
    newFrom: undefined,
    notices: 0,
  };
}

/**
 * One is in the room, for the first time or again.
 *
 * @param {Room} room
 * @param {{ members: readonly Member[], name: string, time: number, now: number }} arrival
 * `name`: one's own; `time`: the server's clock; `now`: this device's
 * @returns {Room}
 */
export function arrive(room, { members, name, time, now }) {
  const here = { ...room, joined: true, lostAt: undefined, members };
  if (room.joined) return here;
  if (room.lostAt === undefined) {
    return addNotice(here, { event: "joined", name, own: true, time });
  }
  // By one clock: the server's may be another one.
  const duration = now - room.lostAt;
  return addNotice(here, { event: "gap", name, own: true, time, duration });
}

/**
 * The connection is gone: nobody is heard, and nothing is confirmed any more.
 *
 * @param {Room} room
 * @param {number} now
 * @returns {Room}
 */
export function lose(room, now) {
  return {
    ...room,
    joined: false,
    lostAt: room.joined ? now : room.lostAt,
    unsent: room.unsent.map((line) =>
      line.status === "pending"
        ? { ...line, status: "failed", problem: "The connection was lost." }
        : line
    ),
  };
}

/**
 * @param {Room} room
 * @param {Member} member
 * @param {number} time
 * @returns {Room}
 */
export function memberJoined(room, member, time) {
  const { name } = member;
  const others = room.members.filter(({ id }) => id !== member.id);
  const here = { ...room, members: [...others, member] };
  const farewell = findFarewell(room.lines, name, time);
  if (farewell === undefined) {
    return addNotice(here, { event: "joined", name, own: false, time });
  }
  // A phone that sleeps and wakes would fill the talk with "left" and
  // "joined": one line that says so is enough.
  const lines = room.lines.filter((line) =>
    line !== farewell && !isReturn(line, name, room.lines)
  );
  return addNotice({ ...here, lines }, {
    event: "returned",
    name,
    own: false,
    time,
  });
}

/**
 * @param {Room} room
 * @param {Member} member
 * @param {number} time
 * @returns {Room}
 */
export function memberLeft(room, member, time) {
  const members = room.members.filter(({ id }) => id !== member.id);
  return addNotice({ ...room, members }, {
    event: "left",
    name: member.name,
    own: false,
    time,
  });
}

/**
 * @param {Room} room
 * @param {Member} member with the new name
 * @param {{ was: string, own: boolean, time: number }} change
 * @returns {Room}
 */
export function memberRenamed(room, member, change) {
  const members = room.members.map((other) =>
    other.id === member.id ? member : other
  );
  return addNotice({ ...room, members }, {
    event: "renamed",
    name: member.name,
    ...change,
  });
}

/**
 * @param {Room} room
 * @param {import("./protocol.js").Message} message
 * @param {{ own: boolean, seen: boolean }} options `seen`: it comes up before
 * the reader's eyes
 * @returns {Room}
 */
export function hear(room, message, { own, seen }) {
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
  const isNew = !own && !seen;
  return addLine({
    ...room,
    unsent: room.unsent.filter((other) => other !== mine),
    unread: isNew ? room.unread + 1 : room.unread,
    newFrom: own ? undefined : room.newFrom ?? (isNew ? line.key : undefined),
  }, line);
}

/**
 * One's own line goes out, for the first time or again.
 *
 * @param {Room} room
 * @param {{ from: Member, ref: string, text: string, now: number }} utterance
 * @returns {Room}
 */
export function say(room, { from, ref, text, now }) {
  /** @type {Utterance} */
  const line = {
    kind: "message",
    key: ref,
    from,
    own: true,
    text,
    time: now,
    status: "pending",
  };
  const { unsent } = discard(room, ref);
  return { ...room, newFrom: undefined, unsent: [...unsent, line] };
}

/**
 * @param {Room} room
 * @param {string} ref of an own line that was not sent
 * @returns {Room}
 */
export function discard(room, ref) {
  return { ...room, unsent: room.unsent.filter(({ key }) => key !== ref) };
}

/**
 * @param {Room} room
 * @param {string} ref
 * @param {string} problem why the server does not take the line
 * @returns {Room}
 */
export function fail(room, ref, problem) {
  return {
    ...room,
    unsent: room.unsent.map((line) =>
      line.key === ref ? { ...line, status: "failed", problem } : line
    ),
  };
}

/**
 * The recent notice that this name had left, if nobody spoke since.
 *
 * @param {readonly Line[]} lines
 * @param {string} name
 * @param {number} time when the name came back
 * @returns {Line | undefined}
 */
function findFarewell(lines, name, time) {
  const talk = lines.findLastIndex((line) =>
    line.kind === "message" || time - line.time > RETURN_TIME
  );
  return lines.slice(talk + 1).findLast((line) =>
    line.kind === "notice" && line.event === "left" && line.name === name
  );
}

/**
 * @param {Line} line
 * @param {string} name
 * @param {readonly Line[]} lines
 * @returns {boolean} whether it says that this name is back, and nobody spoke since
 */
function isReturn(line, name, lines) {
  return line.kind === "notice" && line.event === "returned" &&
    line.name === name &&
    lines.slice(lines.indexOf(line)).every(({ kind }) => kind === "notice");
}

/**
 * @param {Room} room
 * @param {Omit<Notice, "kind" | "key">} notice
 * @returns {Room}
 */
function addNotice(room, notice) {
  return addLine({ ...room, notices: room.notices + 1 }, {
    kind: "notice",
    key: `notice-${room.notices}`,
    ...notice,
  });
}

/**
 * @param {Room} room
 * @param {Line} line
 * @returns {Room}
 */
function addLine(room, line) {
  return { ...room, lines: [...room.lines, line].slice(-MAX_LINES) };
}
