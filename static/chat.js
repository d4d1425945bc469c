// @ts-check
/// <reference lib="dom" />

/**
 * The chat page: ties what the person does to the session, and what the
 * session knows to the views.
 * @module
 */

import { hashOfRoom, roomOfHash } from "./chat/address.js";
import { Session } from "./chat/session.js";
import { countUnread, findRoom, INITIAL_STATE, reduce } from "./chat/state.js";
import { remember, remembered, tabKey } from "./chat/storage.js";
import { Store } from "./chat/store.js";
import { BoardView } from "./chat/views/board.js";
import { ComposerView } from "./chat/views/composer.js";
import { CordView } from "./chat/views/cord.js";
import { Drawers } from "./chat/views/drawers.js";
import { EntryView } from "./chat/views/entry.js";
import { LinkView } from "./chat/views/link.js";
import { PanelView } from "./chat/views/panel.js";
import { RenameView } from "./chat/views/rename.js";
import { TalkView } from "./chat/views/talk.js";
import { byId } from "./dom.js";

/** @typedef {import("./chat/state.js").State} State */
/** @typedef {import("./chat/state.js").Action} Action */
/** @typedef {import("./chat/state.js").Problems} Problems */

/** The room of who has no other one in mind. */
const FIRST_ROOM = "lobby";

/** Hidden for longer than this, the connection may have died unseen. */
const PROBE_AFTER = 20_000;

const invitation = roomOfHash(location.hash);
const memory = remembered();

/** @type {Store<State, Action>} */
const store = new Store(reduce, {
  ...INITIAL_STATE,
  visible: !document.hidden,
  // Who has been here before goes straight in.
  stage: memory.name !== "" && memory.rooms.length > 0 ? "chat" : "entry",
});

const session = new Session(chatUrl(), { store, key: tabKey() });

const drawers = new Drawers();

const entry = new EntryView({
  enter: ({ name, room }) =>
    session.enter({ name, rooms: [room], active: room }),
  correct,
});

const board = new BoardView({
  activate: (room) => {
    drawers.close();
    activate(room);
  },
  open: (room) => session.open(room),
  opened: () => {
    drawers.close();
    composer.focus();
  },
  correct: () => correct("room"),
  rename: () => rename.open(),
});

const panel = new PanelView({
  leave: (room) => {
    drawers.close();
    session.close(room);
  },
});

const talk = new TalkView({
  retry: (room, line) => session.say(room, line.text, line.key),
  discard: (room, line) =>
    store.dispatch({ type: "discarded", room, ref: line.key }),
  nameRoom: () => {
    drawers.open("board");
    board.focusField();
  },
});

const composer = new ComposerView({
  say: (room, text) => session.say(room, text),
  correct: () => correct("message"),
});

const rename = new RenameView({
  rename: (name) => session.rename(name),
  signOut: () => session.signOut(),
  correct: () => correct("name"),
});

const cord = new CordView();
const retry = () => {
  session.start();
  // The button goes with the banner; the focus must not.
  composer.focus();
};
const links = [
  new LinkView(
    byId("status", HTMLElement),
    byId("banner", HTMLElement),
    retry,
  ),
  new LinkView(
    byId("entry-status", HTMLElement),
    byId("entry-banner", HTMLElement),
    retry,
  ),
];

/**
 * @param {State} state
 * @param {State} [previous] none for the first time
 */
function render(state, previous) {
  byId("chat", HTMLElement).hidden = state.stage !== "chat";
  for (const link of links) link.render(state.link);
  entry.render(state, previous);
  board.render(state, previous);
  talk.render(state, previous);
  panel.render(state, previous);
  composer.render(state, previous);
  rename.render(state, previous);
  cord.render(findRoom(state, state.active)?.joined ?? false);
  renderTitle(state);
  if (previous?.stage === "entry" && state.stage === "chat") composer.focus();
  if (state.me !== undefined && state.stage === "chat") keep(state, previous);
}

/** @param {State} state */
function renderTitle(state) {
  const unread = countUnread(state);
  const place = state.stage === "chat" && state.active !== undefined
    ? `${state.active} · `
    : "";
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${place}Switchboard`;
  const favicon = byId("favicon", HTMLLinkElement);
  const href = unread > 0 ? "icon-unread.svg" : "icon.svg";
  if (favicon.getAttribute("href") !== href) favicon.href = href;
}

/**
 * Remembers for the next visit, and keeps the address a link to the room.
 *
 * @param {State} state
 * @param {State} [previous]
 */
function keep({ name, rooms, active }, previous) {
  if (
    name !== previous?.name || rooms.length !== previous.rooms.length ||
    active !== previous.active || previous.stage === "entry"
  ) {
    remember({ name, rooms: rooms.map((room) => room.name), active });
  }
  const hash = active === undefined ? "" : hashOfRoom(active);
  if (location.hash === hash) return;
  // Replaced, not pushed: "back" leaves the chat instead of wandering in it.
  history.replaceState(null, "", hash === "" ? location.pathname : hash);
}

/** @param {string} room */
function activate(room) {
  store.dispatch({ type: "activated", room });
  composer.focus();
}

/** @param {keyof Problems} field */
function correct(field) {
  store.dispatch({ type: "corrected", field });
}

/** @param {number} step */
function activateNeighbour(step) {
  const { rooms, active } = store.state;
  const index = rooms.findIndex(({ name }) => name === active);
  const next = rooms[(index + step + rooms.length) % rooms.length];
  if (next !== undefined) activate(next.name);
}

/** @returns {string} */
function chatUrl() {
  const url = new URL("chat", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = url.search = "";
  return url.href;
}

addEventListener("hashchange", () => {
  const room = roomOfHash(location.hash);
  if (room === undefined || room === store.state.active) return;
  if (store.state.stage === "chat") session.open(room);
  else entry.fill({ name: store.state.name, room, invited: true });
});

addEventListener("online", () => session.probe());

let hiddenAt = Infinity;
document.addEventListener("visibilitychange", () => {
  store.dispatch({ type: "visibility", visible: !document.hidden });
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > PROBE_AFTER) session.probe();
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (store.state.stage !== "chat") return;
  if (event.key === "ArrowDown") activateNeighbour(1);
  else if (event.key === "ArrowUp") activateNeighbour(-1);
  else return;
  event.preventDefault();
});

byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  // The fragment of this page's address names a room.
  event.preventDefault();
  composer.focus();
});

entry.fill({
  name: memory.name,
  room: invitation ?? memory.active ?? FIRST_ROOM,
  invited: invitation !== undefined,
});
store.subscribe(render);
if (store.state.stage === "chat") {
  const rooms = new Set([...memory.rooms, ...invitation ? [invitation] : []]);
  session.enter({
    name: memory.name,
    rooms: [...rooms],
    active: [invitation, memory.active, memory.rooms[0]]
      .find((room) => room !== undefined && rooms.has(room)),
  });
} else {
  render(store.state);
}
session.start();
