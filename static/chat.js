// @ts-check
/// <reference lib="dom" />

/**
 * The chat page: ties what the person does to the session, and what the
 * session knows to the views.
 * @module
 */

import { connectChat } from "./chat-client/mod.js";
import { linkOfInvitation, linkOfRoom } from "./chat/address.js";
import { takeInvitation } from "./chat/arrival.js";
import { watchAttention } from "./chat/attention.js";
import { titleOf } from "./chat/room.js";
import { Session } from "./chat/session.js";
import { boardRooms, findRoom, INITIAL_STATE, reduce } from "./chat/state.js";
import {
  CLIENT_KEY,
  clientStorage,
  forgetSecret,
  remember,
  remembered,
} from "./chat/storage.js";
import { Store } from "./chat/store.js";
import { TokenLogin } from "./chat/token_login.js";
import { utteranceOf } from "./chat/utterance.js";
import { watchVisibility } from "./chat/visibility.js";
import { keepVisit } from "./chat/visit.js";
import { AccountView } from "./chat/views/account.js";
import { BoardView } from "./chat/views/board.js";
import { ComposerView } from "./chat/views/composer.js";
import { CordView } from "./chat/views/cord.js";
import { Drawers } from "./chat/views/drawers.js";
import { watchDrops } from "./chat/views/drop_zone.js";
import { EntryView } from "./chat/views/entry.js";
import { LinkView } from "./chat/views/link.js";
import { MemberMenu } from "./chat/views/member_menu.js";
import { openMenu } from "./chat/views/menu.js";
import { messageItems } from "./chat/views/message_menu.js";
import { NewsView } from "./chat/views/news.js";
import { renderTitle } from "./chat/views/page_title.js";
import { PanelView } from "./chat/views/panel.js";
import { RenewalView } from "./chat/views/renewal.js";
import { browseRooms, createRoom } from "./chat/views/room_dialogs.js";
import { roomItems } from "./chat/views/room_menu.js";
import { SearchView } from "./chat/views/search.js";
import { serverItems } from "./chat/views/server_menu.js";
import { copyText } from "./chat/views/share.js";
import { watchShortcuts } from "./chat/views/shortcuts.js";
import { TalkView } from "./chat/views/talk.js";
import { byId } from "./dom.js";

/** @import { State, Action, Problems } from "./chat/state.js" */
/** @import { Identity } from "./chat-client/types.d.ts" */

/** The room of who has no other one in mind. */
const FIRST_ROOM = "lobby";

const invitation = takeInvitation();
const memory = remembered();
const tokens = new TokenLogin({
  isOnline: () => client.status.state === "online",
  wanted: (isWanted) => store.dispatch({ type: "token-wanted", isWanted }),
});
const isKnown = tokens.identity !== undefined ||
  memory.name !== "" && memory.rooms.length > 0;

/** @type {Store<State, Action>} */
const store = new Store(reduce, {
  ...INITIAL_STATE,
  visible: !document.hidden,
  name: memory.name,
  account: memory.account || tokens.identity !== undefined,
  // Who has been here before goes straight in.
  stage: isKnown ? "chat" : "entry",
});

if (tokens.identity !== undefined) forgetSecret();
const client = connectChat(new URL("chat", location.href.split("#")[0]), {
  storage: clientStorage,
  storageKey: CLIENT_KEY,
  ...identity(),
});

const session = new Session(client, store);

// Before the drawer opens, so that it finds what to focus.
byId("panel-open", HTMLButtonElement)
  .addEventListener("click", () => panel.showSearch(false));
const drawers = new Drawers();

const entry = new EntryView({
  enter: (entrance) => session.enter(entrance),
  signIn: ({ room, invite }) => {
    const { login } = store.state.server;
    if (login === undefined) return;
    const back = invite === undefined
      ? linkOfRoom(room, location.href)
      : linkOfInvitation({ room, invite }, location.href);
    location.assign(tokens.begin(login, back));
  },
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
  rename: () => account.open(),
  browse: () =>
    browseRooms(client, (room) => {
      drawers.close();
      session.open(room);
      composer.focus();
    }),
  create: () =>
    createRoom(async (room, options) => {
      await session.create(room, options);
      drawers.close();
    }),
  openServer: (anchor) =>
    openMenu(anchor, { label: "The server", items: serverItems(client) }),
});

const members = new MemberMenu({
  store,
  session,
  actions: {
    direct: ({ id }) => {
      drawers.close();
      session.direct(id).then(() => composer.focus());
    },
    mention: ({ name }) => {
      drawers.close();
      composer.mention(name);
    },
  },
});

const panel = new PanelView({
  leave: (room) => {
    drawers.close();
    session.close(room);
  },
  itemsOf: (room, member) => members.itemsOf(room, member),
  membersOf: (room) => session.allMembers(room),
});

const search = new SearchView({
  search: (query, options) => client.search(query, options),
  visit: (room, offset) => {
    drawers.close();
    visit(room, offset);
  },
  titleOf: (name) => {
    const room = findRoom(store.state, name);
    return room === undefined ? name : titleOf(room);
  },
  close: () => {
    panel.showSearch(false);
    drawers.close();
    composer.focus();
  },
});

const talk = new TalkView({
  retry: (room, line) => session.retry(room, line.id),
  discard: (room, line) => session.discard(room, line.id),
  react: (room, { offset }, reaction) => {
    if (offset !== undefined) session.react(room, offset, reaction);
  },
  reply: (_, line) => composer.reply(line),
  itemsOf: (room, line) =>
    messageItems({ room, line }, {
      state: store.state,
      session,
      actions: {
        copy: (text) => void copy(text),
        edit: (line) => composer.edit(line),
        openMember: (member) => members.open(room, member),
      },
    }),
  visit,
  scrolled: (room, atEnd) =>
    // Views tell of it while the state is shown.
    queueMicrotask(() => store.dispatch({ type: "scrolled", room, atEnd })),
  older: (room) => session.history.older(room),
  newer: (room) => session.history.newer(room),
  toNewest: (room) => session.history.toNewest(room),
  fetchQuote: (room, offset) => session.history.fetchQuote(room, offset),
  openMenu: (room, anchor) =>
    openMenu(anchor, {
      label: "The room",
      items: roomItems(room, { state: store.state, session }),
    }),
  search: () => {
    panel.showSearch(true);
    drawers.open("panel");
    search.focus();
  },
  compose: () => composer.focus(),
  nameRoom: () => {
    drawers.open("board");
    board.focusField();
  },
});

const composer = new ComposerView({
  say: (room, text, options) => session.say(room, text, options),
  edit: (room, offset, edit) => session.room(room).edit(offset, edit),
  typing: (room) => session.typing(room),
  upload: (file, options) => client.upload(file, options),
  tell: (news) => store.dispatch({ type: "told", news }),
  lastOwn: (name) => {
    const message = findRoom(store.state, name)?.messages
      .findLast(({ from, deleted }) =>
        from.id === store.state.me?.id && !deleted
      );
    return message && utteranceOf(message, message.from.id);
  },
  correct: () => correct("message"),
});

const account = new AccountView({
  client: () => client,
  signOut: () =>
    session.attempt(async () => {
      const { name, account } = store.state;
      await session.signOut();
      tokens.forget();
      // The next visit asks who comes.
      remember({ name, account, rooms: [], active: undefined });
    }),
});

const cord = new CordView();
const renewal = new RenewalView(() => {
  const { login } = store.state.server;
  // It tells by a channel what comes of it, so it needs no opener.
  if (login !== undefined) open(tokens.renew(login), "", "noopener,popup");
});
const news = new NewsView(() =>
  store.dispatch({ type: "told", news: undefined })
);
const retry = () => {
  session.reconnect();
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
  for (const link of links) link.render(state.status, state.ban);
  entry.render(state, previous);
  board.render(state, previous);
  talk.render(state, previous);
  panel.render(state, previous);
  search.room = state.active ?? "";
  composer.render(state, previous);
  account.render(state);
  news.render(state.news);
  renewal.render(state);
  cord.render(findRoom(state, state.active)?.joined ?? false);
  renderTitle(state);
  if (previous?.stage === "entry" && state.stage === "chat") composer.focus();
  if (state.me !== undefined && state.stage === "chat") {
    keepVisit(state, previous);
  }
}

/** @returns {{ identity?: Identity }} who comes, if that is known */
function identity() {
  if (tokens.identity !== undefined) return { identity: tokens.identity };
  // A guest whose session is forgotten may have the name anew.
  if (isKnown && !memory.account) return { identity: { name: memory.name } };
  return {};
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
  const rooms = boardRooms(store.state);
  const index = rooms.findIndex(({ name }) => name === store.state.active);
  const next = rooms[(index + step + rooms.length) % rooms.length];
  if (next !== undefined) activate(next.name);
}

/**
 * Leads to a message.
 *
 * @param {string} room
 * @param {number} offset
 */
function visit(room, offset) {
  const isHere = store.state.active === room;
  if (isHere && talk.visit(offset)) return;
  session.history.visit(room, offset).then(() => talk.visit(offset));
}

/** @param {string} text */
async function copy(text) {
  if (await copyText(text)) return;
  const news = "This browser lets the page copy nothing.";
  store.dispatch({ type: "told", news });
}

addEventListener("hashchange", () => {
  const found = takeInvitation();
  if (found === undefined) return;
  const { room, invite } = found;
  if (room === store.state.active && invite === undefined) return;
  if (store.state.stage === "chat") session.open(room, { invite });
  else entry.fill({ name: store.state.name, room, invited: true, invite });
});

watchVisibility({
  changed: (visible) => store.dispatch({ type: "visibility", visible }),
  returned: () => {
    // Only one that is there, or is about to come back.
    if (client.status.state === "online") session.reconnect();
  },
});
watchShortcuts((step) => {
  if (store.state.stage === "chat") activateNeighbour(step);
});

byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  // The fragment of this page's address names a room.
  event.preventDefault();
  composer.focus();
});

watchDrops(byId("talk", HTMLElement), (files) => composer.addFiles(files));
watchAttention(client);

tokens.watch(client, {
  refused: (news) => store.dispatch({ type: "told", news }),
});

entry.fill({
  name: memory.name,
  room: invitation?.room ?? memory.active ?? FIRST_ROOM,
  invited: invitation !== undefined,
  invite: invitation?.invite,
});
store.subscribe(render);
if (store.state.stage === "chat") {
  const rooms = new Set(memory.rooms);
  if (invitation !== undefined) rooms.add(invitation.room);
  if (rooms.size === 0) rooms.add(FIRST_ROOM);
  session.resume({
    name: memory.name,
    account: store.state.account,
    rooms: [...rooms],
    active: [invitation?.room, memory.active, ...rooms]
      .find((room) => room !== undefined && rooms.has(room)),
    invite: invitation?.invite,
  });
} else {
  render(store.state);
}
