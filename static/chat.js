// @ts-check
/// <reference lib="dom" />

/**
 * The chat page: ties what the person does to the session, and what the
 * session knows to the views.
 * @module
 */

import { connectChat } from "./chat-client/mod.js";
import { hashOfRoom, invitationOfHash, roomOfHash } from "./chat/address.js";
import { watchAttention } from "./chat/attention.js";
import { titleOf } from "./chat/room.js";
import { Session } from "./chat/session.js";
import {
  boardRooms,
  countUnread,
  findRoom,
  INITIAL_STATE,
  reduce,
} from "./chat/state.js";
import { clientStorage, remember, remembered } from "./chat/storage.js";
import { Store } from "./chat/store.js";
import { utteranceOf } from "./chat/utterance.js";
import { AccountView } from "./chat/views/account.js";
import { BoardView } from "./chat/views/board.js";
import { ComposerView } from "./chat/views/composer.js";
import { CordView } from "./chat/views/cord.js";
import { Drawers } from "./chat/views/drawers.js";
import { watchDrops } from "./chat/views/drop_zone.js";
import { EntryView } from "./chat/views/entry.js";
import { openForm } from "./chat/views/form_dialog.js";
import { LinkView } from "./chat/views/link.js";
import { openMenu } from "./chat/views/menu.js";
import {
  moderationItems,
  openAudit,
  openBans,
  openSlowMode,
  openVersions,
  rankOf,
  serverBanItems,
} from "./chat/views/moderation.js";
import { NewsView } from "./chat/views/news.js";
import { PanelView } from "./chat/views/panel.js";
import {
  browseRooms,
  changeTopic,
  createRoom,
  inviteTo,
} from "./chat/views/room_dialogs.js";
import { SearchView } from "./chat/views/search.js";
import { copyText } from "./chat/views/share.js";
import { TalkView } from "./chat/views/talk.js";
import { byId } from "./dom.js";

/** @import { State, Action, Problems } from "./chat/state.js" */
/** @import { Utterance } from "./chat/utterance.js" */
/** @import { MenuItem } from "./chat/views/menu.js" */

/** The room of who has no other one in mind. */
const FIRST_ROOM = "lobby";

/** Hidden for longer than this, the connection may have died unseen. */
const PROBE_AFTER = 20_000;

const invitation = takeInvitation();
const memory = remembered();
const isKnown = memory.name !== "" && memory.rooms.length > 0;

/** @type {Store<State, Action>} */
const store = new Store(reduce, {
  ...INITIAL_STATE,
  visible: !document.hidden,
  name: memory.name,
  account: memory.account,
  // Who has been here before goes straight in.
  stage: isKnown ? "chat" : "entry",
});

const client = connectChat(new URL("chat", location.href.split("#")[0]), {
  storage: clientStorage,
  storageKey: "switchboard",
  // A guest whose session is forgotten may have the name anew.
  ...isKnown && !memory.account ? { identity: { name: memory.name } } : {},
});

const session = new Session(client, store);

// Before the drawer opens, so that it finds what to focus.
byId("panel-open", HTMLButtonElement)
  .addEventListener("click", () => panel.showSearch(false));
const drawers = new Drawers();

const entry = new EntryView({
  enter: (entrance) => session.enter(entrance),
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
});

const panel = new PanelView({
  leave: (room) => {
    drawers.close();
    session.close(room);
  },
  itemsOf: (name, member) => {
    const room = findRoom(store.state, name);
    if (room === undefined) return [];
    return [
      ...room.kind === "direct" ? [] : [
        {
          label: "Write a direct message",
          icon: "send",
          act: () => {
            drawers.close();
            session.direct(member.id).then(() => composer.focus());
          },
        },
        {
          label: "Mention",
          icon: "at",
          act: () => {
            drawers.close();
            composer.mention(member.name);
          },
        },
      ],
      ...moderationItems(member, {
        room,
        state: store.state,
        live: () => session.room(name),
      }),
      ...serverBanItems(member, { state: store.state, client }),
    ];
  },
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
  itemsOf: messageItems,
  visit,
  scrolled: (room, atEnd) =>
    // Views tell of it while the state is shown.
    queueMicrotask(() => store.dispatch({ type: "scrolled", room, atEnd })),
  older: (room) => session.older(room),
  newer: (room) => session.newer(room),
  toNewest: (room) => session.toNewest(room),
  fetchQuote: (room, offset) => session.fetchQuote(room, offset),
  openMenu: (room, anchor) =>
    openMenu(anchor, { label: "The room", items: roomItems(room) }),
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
  upload: (file, signal) => client.upload(file, { signal }),
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
      // The next visit asks who comes.
      remember({ name, account, rooms: [], active: undefined });
    }),
});

const cord = new CordView();
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
  for (const link of links) link.render(state.status);
  entry.render(state, previous);
  board.render(state, previous);
  talk.render(state, previous);
  panel.render(state, previous);
  search.room = state.active ?? "";
  composer.render(state, previous);
  account.render(state);
  news.render(state.news);
  cord.render(findRoom(state, state.active)?.joined ?? false);
  renderTitle(state);
  if (previous?.stage === "entry" && state.stage === "chat") composer.focus();
  if (state.me !== undefined && state.stage === "chat") keep(state, previous);
}

/** @param {State} state */
function renderTitle(state) {
  const unread = countUnread(state);
  const room = findRoom(state, state.active);
  const place = state.stage === "chat" && room !== undefined
    ? `${titleOf(room)} · `
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
function keep({ name, account, rooms, active }, previous) {
  if (
    name !== previous?.name || rooms.length !== previous.rooms.length ||
    active !== previous.active || previous.stage === "entry" ||
    account !== previous.account || previous.me === undefined
  ) {
    const names = rooms.map((room) => room.name);
    remember({ name, account, rooms: names, active });
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
  session.visit(room, offset).then(() => talk.visit(offset));
}

/**
 * @param {string} name
 * @param {Utterance} line
 * @returns {MenuItem[]}
 */
function messageItems(name, line) {
  const room = findRoom(store.state, name);
  const { offset } = line;
  if (room === undefined || offset === undefined) return [];
  const live = () => session.room(name);
  const rank = rankOf(store.state, room);
  const mayModerate = rank > 0 && room.kind !== "direct";
  return [
    ...line.text === "" ? [] : [{
      label: "Copy text",
      icon: "copy",
      act: () => void copy(line.text),
    }],
    ...line.own
      ? [{ label: "Edit", icon: "edit", act: () => composer.edit(line) }]
      : [],
    ...mayModerate && line.edited
      ? [{
        label: "Former versions…",
        icon: "clock",
        act: () => openVersions(live, offset),
      }]
      : [],
    ...line.own || mayModerate
      ? [{
        label: "Delete…",
        icon: "delete",
        danger: true,
        act: () =>
          openForm({
            title: "Delete this message for everybody?",
            lead: line.text,
            ...line.own
              ? {}
              : { fields: [{ name: "reason", label: "Why (may be empty)" }] },
            submit: "Delete",
            danger: true,
            act: ({ reason = "" }) =>
              live().remove(offset, reason.trim() === "" ? {} : { reason }),
          }),
      }]
      : [],
  ];
}

/** @param {string} text */
async function copy(text) {
  if (await copyText(text)) return;
  const news = "This browser lets the page copy nothing.";
  store.dispatch({ type: "told", news });
}

/**
 * @param {string} name
 * @returns {MenuItem[]}
 */
function roomItems(name) {
  const room = findRoom(store.state, name);
  if (room === undefined) return [];
  const live = () => session.room(name);
  const rank = rankOf(store.state, room);
  const isDirect = room.kind === "direct";
  const leave = (/** @type {boolean} */ forGood) =>
    session.close(name, { forGood });
  const ask = (/** @type {() => void} */ action) => () =>
    void session.attempt(action);
  return [
    ...room.kind === "private"
      ? [{ label: "Invite…", icon: "link", act: ask(() => inviteTo(live())) }]
      : [],
    ...isDirect || rank === 0 ? [] : [
      { label: "Topic…", icon: "edit", act: ask(() => changeTopic(live())) },
      {
        label: "Slow mode…",
        icon: "clock",
        act: ask(() => openSlowMode(live)),
      },
      { label: "Bans…", icon: "ban", act: ask(() => openBans(live)) },
      {
        label: "What moderators did…",
        icon: "people",
        act: ask(() => openAudit(live)),
      },
    ],
    { label: "Leave the room", icon: "leave", act: () => leave(false) },
    ...room.kind === "private"
      ? [{
        label: "Leave for good…",
        icon: "leave",
        danger: true,
        act: () =>
          openForm({
            title: `Leave ${name} for good?`,
            lead: "You can come back by a new invitation only.",
            submit: "Leave",
            danger: true,
            act: () => leave(true),
          }),
      }]
      : [],
    ...!isDirect && rank >= 2
      ? [{
        label: "Delete the room…",
        icon: "delete",
        danger: true,
        act: () =>
          openForm({
            title: `Delete ${name}?`,
            lead:
              "The room and all that was said in it are gone for everybody.",
            submit: "Delete",
            danger: true,
            act: async () => {
              await client.request("delete_room", { room: name });
            },
          }),
      }]
      : [],
  ];
}

/**
 * Reads an invitation from the address, and takes its secret out of it: it must
 * not be in the history, nor be copied by mistake.
 *
 * @returns {{ room: string, invite?: string } | undefined}
 */
function takeInvitation() {
  const found = invitationOfHash(location.hash);
  if (found !== undefined) {
    history.replaceState(null, "", hashOfRoom(found.room));
    return found;
  }
  const room = roomOfHash(location.hash);
  return room === undefined ? undefined : { room };
}

addEventListener("hashchange", () => {
  const found = takeInvitation();
  if (found === undefined) return;
  const { room, invite } = found;
  if (room === store.state.active && invite === undefined) return;
  if (store.state.stage === "chat") session.open(room, { invite });
  else entry.fill({ name: store.state.name, room, invited: true, invite });
});

let hiddenAt = Infinity;
document.addEventListener("visibilitychange", () => {
  store.dispatch({ type: "visibility", visible: !document.hidden });
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > PROBE_AFTER) {
    // Only one that is there, or is about to come back.
    if (client.status.state === "online") session.reconnect();
  }
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

watchDrops(byId("talk", HTMLElement), (files) => composer.addFiles(files));
watchAttention(client);

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
  session.resume({
    name: memory.name,
    account: memory.account,
    rooms: [...rooms],
    active: [invitation?.room, memory.active, memory.rooms[0]]
      .find((room) => room !== undefined && rooms.has(room)),
    invite: invitation?.invite,
  });
} else {
  render(store.state);
}
