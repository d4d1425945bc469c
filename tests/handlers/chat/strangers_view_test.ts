import { assertEquals } from "@std/assert";
import { OPERATIONS } from "../../../handlers/api/operations.ts";
import type { ChatRequestType, RoomKind } from "../../../handlers/chat/mod.ts";
import { Passwords } from "../../../handlers/chat/identity/passwords.ts";
import {
  hashSecret,
  newSecret,
} from "../../../handlers/chat/identity/secrets.ts";
import { nameKey } from "../../../handlers/chat/names.ts";
import { REQUESTS } from "../../../handlers/chat/requests/mod.ts";
import {
  TOKEN_SCOPES,
  type TokenScope,
} from "../../../handlers/chat/token_scopes.ts";
import { Api } from "../api/_api.ts";
import { type Heard, Person } from "./_people.ts";

// Everything that can be asked, as everybody: what a new request lets whom do has
// to be written down here.

/** Who asks. The guest is not in the room; the others are, or would be. */
const WHO = [
  "guest",
  "member",
  "moderator",
  /** From the room. */
  "banned",
  /** Of the room. */
  "owner",
  /** The owner of the server. */
  "server",
] as const;

type Who =
  | typeof WHO[number]
  /** Has not said who it is. */
  | "stranger"
  /** Is banned from the server, with its address, and has connected again. */
  | "outcast"
  /** A token of the API with all scopes. */
  | "bot";

/** Where the outcast comes from. */
const OUTSIDE = "192.0.2.66";

const PASSWORD = "correct horse";
const passwords = new Passwords({ cost: { N: 2, r: 1, p: 1 } });
const password = await passwords.hash(PASSWORD);

/** A server with one room, and somebody who asks. */
class Scene implements AsyncDisposable {
  /** The room. */
  readonly name = "lobby";
  readonly api: Api;
  /** A member whom things are done to. */
  target!: Person;
  /** Who asks. */
  asker!: Person;

  private constructor(api: Api) {
    this.api = api;
  }

  static async open(who: Who, kind: RoomKind): Promise<Scene> {
    const scene = new Scene(
      await Api.open({
        identity: { mode: "accounts", guests: true, passwords },
      }),
    );
    const { store } = scene.api.room;
    const server = await scene.#register("server");
    const owner = await scene.#enter("owner");
    const room = scene.name;
    await owner.asks({ type: "create", room, kind });
    const [moderator, member, banned] = [
      await scene.#enter("moderator"),
      await scene.#enter("member"),
      await scene.#enter("banned"),
    ];
    scene.target = await scene.#enter("target");
    for (const person of [server, moderator, member, banned, scene.target]) {
      await store.rooms.setMembership(room, person.id, {});
      await person.asks({ type: "join", room });
    }
    await owner.asks({
      type: "role",
      room,
      person: moderator.id,
      role: "moderator",
    });
    await scene.target.says(room, "boat");
    await owner.asks({ type: "ban", room, person: banned.id });
    const others = { member, moderator, banned, owner, server };
    scene.asker = await scene.#find(who, others);
    return scene;
  }

  async #find(
    who: Who,
    others: Readonly<Partial<Record<Who, Person>>>,
  ): Promise<Person> {
    const { room } = this.api;
    if (who === "guest") return await room.enter("Guest");
    if (who === "outcast") {
      const outcast = await this.#enter(who, OUTSIDE);
      const person = outcast.id;
      await others.server!.asks({ type: "ban", person, addresses: true });
      const again = new Person(room, OUTSIDE);
      again.resume = outcast.resume;
      return again;
    }
    if (who === "bot") {
      const bot = new Person(room);
      bot.resume = await this.api.token(
        Object.keys(TOKEN_SCOPES) as TokenScope[],
      );
      return bot;
    }
    return others[who] ?? new Person(room);
  }

  /** The owner of the server. */
  async #register(name: string): Promise<Person> {
    const { room } = this.api;
    const person = new Person(room);
    const code = room.identity.ownerCode;
    await person.asks({ type: "register", name, password: PASSWORD, code });
    return await person.settle([]);
  }

  /** Somebody with an account. */
  async #enter(name: string, address?: string): Promise<Person> {
    const { room } = this.api;
    const { store, chat } = room;
    const created = chat.clock.now();
    await store.people.add({
      id: `id-${name}`,
      name,
      kind: "account",
      isOwner: false,
      password,
      created,
    }, { nameKey: nameKey(name), now: created });
    const resume = newSecret();
    await store.sessions.add(
      { id: `s-${name}`, person: `id-${name}`, created, used: created },
      hashSecret(resume),
    );
    const person = new Person(room, address);
    await person.asks({ type: "hello", resume });
    await person.settle([]);
    person.resume = resume;
    return person;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }
}

type Sample = (scene: Scene) => Readonly<Record<string, unknown>>;

type Samples = Readonly<Partial<Record<ChatRequestType, Sample>>>;

const inRoom: Sample = ({ name }) => ({ room: name });
const ofTarget: Sample = ({ name, target }) => ({
  room: name,
  person: target.id,
});
const ofMessage: Sample = ({ name }) => ({ room: name, offset: 1 });
const nothing: Sample = () => ({});

/** What requests say besides their type, that have to do with the room. */
const ROOM_SAMPLES = {
  join: inRoom,
  leave: inRoom,
  members: inRoom,
  topic: (scene) => ({ ...inRoom(scene), topic: "Saturday" }),
  invite: inRoom,
  invites: inRoom,
  drop_invite: (scene) => ({ ...inRoom(scene), invite: "x" }),
  send: (scene) => ({ ...inRoom(scene), id: "1", text: "?" }),
  edit: (scene) => ({ ...ofMessage(scene), text: "?" }),
  delete: ofMessage,
  react: (scene) => ({ ...ofMessage(scene), emoji: "👍" }),
  versions: ofMessage,
  typing: inRoom,
  read: ofMessage,
  history: inRoom,
  search: () => ({ query: "boat" }),
  kick: ofTarget,
  mute: ofTarget,
  ban: ofTarget,
  unban: ofTarget,
  slow: (scene) => ({ ...inRoom(scene), seconds: 5 }),
  role: (scene) => ({ ...ofTarget(scene), role: "moderator" }),
  bans: inRoom,
  audit: inRoom,
  delete_room: inRoom,
  reset_room: inRoom,
} as const satisfies Samples;

/** What all the others say. */
const OTHER_SAMPLES = {
  hello: () => ({ name: "Newcomer" }),
  register: () => ({ name: "Newcomer", password: PASSWORD }),
  login: () => ({ name: "target", password: PASSWORD }),
  refresh: () => ({ token: "a.b.c" }),
  rename: () => ({ name: "Renamed" }),
  change_password: () => ({ old: PASSWORD, new: "battery staple" }),
  sessions: nothing,
  revoke: () => ({ session: "s-target" }),
  logout: nothing,
  status: () => ({ away: true }),
  rooms: nothing,
  create: () => ({ room: "another" }),
  direct: ({ target }) => ({ person: target.id }),
  create_token: () => ({ name: "CI", scopes: ["rooms:read"] }),
  tokens: nothing,
  drop_token: () => ({ token: "x" }),
  ping: nothing,
} as const satisfies Samples;

/** What those say that can be about the whole server, if they are. */
const SERVER_SAMPLES = {
  ban: ({ target }) => ({ person: target.id }),
  unban: ({ target }) => ({ person: target.id }),
  bans: nothing,
  audit: nothing,
} as const satisfies Samples;

/** How an operation of the API is asked for. */
interface Call {
  readonly path: string;
  readonly json?: unknown;
  readonly body?: string;
}

/** Each operation of the API, with `to` as the target's id. */
const CALLS: Readonly<Record<string, (to: string) => Call>> = {
  listRooms: () => ({ path: "/rooms" }),
  getRoom: () => ({ path: "/rooms/lobby" }),
  listMembers: () => ({ path: "/rooms/lobby/members" }),
  listMessages: () => ({ path: "/rooms/lobby/messages" }),
  getMessage: () => ({ path: "/rooms/lobby/messages/1" }),
  postMessage: () => ({
    path: "/rooms/lobby/messages",
    json: { text: "?" },
  }),
  callHook: () => ({ path: "/hooks/lobby", json: { content: "?" } }),
  searchMessages: () => ({ path: "/search?query=boat" }),
  disconnectPerson: (to) => ({ path: `/people/${to}/disconnect` }),
  uploadFile: () => ({ path: "/uploads?name=a.txt", body: "boat" }),
  describeApi: () => ({ path: "/openapi.json" }),
};

/** The type of the answer, or the code of the error; `-` if there is none. */
async function answerTo(
  who: Who,
  { type, sample, kind }: {
    readonly type: string;
    readonly sample: Sample;
    readonly kind: RoomKind;
  },
): Promise<string> {
  await using scene = await Scene.open(who, kind);
  const { asker } = scene;
  await asker.asks({ type, ...sample(scene), ref: "here" });
  const answer = asker.hears().find(({ ref }: Heard) => ref === "here");
  if (answer === undefined) return "-";
  // What is found depends on who asks.
  const count = answer.type === "found" ? ` ${answer.messages.length}` : "";
  return (answer.code ?? answer.type) + count;
}

/** The status, or the code of the problem. */
async function statusOf(
  who: Who,
  { id, kind }: { readonly id: string; readonly kind: RoomKind },
): Promise<string> {
  await using scene = await Scene.open(who, kind);
  const { method } = OPERATIONS.find((operation) => operation.id === id)!;
  const { path, ...content } = CALLS[id]!(scene.target.id);
  const { status, body } = await scene.api.ask(method, path, {
    ...content,
    token: scene.asker.resume,
    address: who === "outcast" ? OUTSIDE : "192.0.2.1",
  });
  const count = id === "searchMessages" && status === 200
    ? ` ${body.messages.length}`
    : "";
  return (body?.code ?? status) + count;
}

/** A line for each thing that can be asked, a column for each who asks. */
async function tableOf(
  asked: Iterable<string>,
  columns: readonly Who[],
  answer: (what: string, who: Who) => Promise<string>,
): Promise<string> {
  const lines = [["", ...columns]];
  for (const what of asked) {
    const line = [what];
    for (const who of columns) line.push(await answer(what, who));
    lines.push(line);
  }
  return lines.map((line) =>
    line.map((cell) => cell.padEnd(17)).join("").trimEnd()
  ).join("\n");
}

function requestTable(samples: Samples, kind: RoomKind): Promise<string> {
  return tableOf(Object.keys(samples), WHO, (type, who) => {
    const sample = samples[type as ChatRequestType]!;
    return answerTo(who, { type, sample, kind });
  });
}

function callTable(kind: RoomKind): Promise<string> {
  const ids = OPERATIONS.map(({ id }) => id);
  return tableOf(
    ids,
    [...WHO, "bot"],
    (id, who) => statusOf(who, { id, kind }),
  );
}

Deno.test("every request and every operation has a sample", () => {
  assertEquals(
    Object.keys({ ...ROOM_SAMPLES, ...OTHER_SAMPLES }).sort(),
    Object.keys(REQUESTS).sort(),
  );
  assertEquals(
    Object.keys(CALLS).sort(),
    OPERATIONS.map(({ id }) => id).sort(),
  );
});

Deno.test("requests are answered as the table says in a public room", async () => {
  assertEquals(
    "\n" + await requestTable(ROOM_SAMPLES, "public"),
    `
                 guest            member           moderator        banned           owner            server
join             joined           joined           joined           banned           joined           joined
leave            not_in_room      left             left             not_in_room      left             left
members          not_in_room      members          members          not_in_room      members          members
topic            not_in_room      not_allowed      done             not_in_room      done             done
invite           not_allowed      not_allowed      not_allowed      banned           not_allowed      not_allowed
invites          not_allowed      not_allowed      not_allowed      banned           not_allowed      not_allowed
drop_invite      not_allowed      not_allowed      not_allowed      banned           not_allowed      not_allowed
send             not_in_room      sent             sent             not_in_room      sent             sent
edit             not_in_room      not_allowed      not_allowed      not_in_room      not_allowed      not_allowed
delete           not_in_room      not_allowed      done             not_in_room      done             done
react            not_in_room      done             done             not_in_room      done             done
versions         not_in_room      not_allowed      versions         not_in_room      versions         versions
typing           not_in_room      -                -                not_in_room      -                -
read             not_in_room      read             read             not_in_room      read             read
history          not_in_room      history          history          not_in_room      history          history
search           found 1          found 1          found 1          found 0          found 1          found 1
kick             not_allowed      not_allowed      done             banned           done             done
mute             not_allowed      not_allowed      done             banned           done             done
ban              not_allowed      not_allowed      done             banned           done             done
unban            not_allowed      not_allowed      done             banned           done             done
slow             not_allowed      not_allowed      done             banned           done             done
role             not_allowed      not_allowed      not_allowed      banned           done             done
bans             not_allowed      not_allowed      bans             banned           bans             bans
audit            not_allowed      not_allowed      audit            banned           audit            audit
delete_room      not_allowed      not_allowed      not_allowed      banned           done             done
reset_room       not_allowed      not_allowed      not_allowed      banned           done             done`,
  );
});

Deno.test("requests are answered as the table says in a private room", async () => {
  assertEquals(
    "\n" + await requestTable(ROOM_SAMPLES, "private"),
    `
                 guest            member           moderator        banned           owner            server
join             invite_required  joined           joined           banned           joined           joined
leave            not_in_room      left             left             not_in_room      left             left
members          not_in_room      members          members          not_in_room      members          members
topic            not_in_room      not_allowed      done             not_in_room      done             done
invite           invite_required  not_allowed      invited          banned           invited          invited
invites          invite_required  not_allowed      invites          banned           invites          invites
drop_invite      invite_required  not_allowed      unknown_invite   banned           unknown_invite   unknown_invite
send             not_in_room      sent             sent             not_in_room      sent             sent
edit             not_in_room      not_allowed      not_allowed      not_in_room      not_allowed      not_allowed
delete           not_in_room      not_allowed      done             not_in_room      done             done
react            not_in_room      done             done             not_in_room      done             done
versions         not_in_room      not_allowed      versions         not_in_room      versions         versions
typing           not_in_room      -                -                not_in_room      -                -
read             not_in_room      read             read             not_in_room      read             read
history          not_in_room      history          history          not_in_room      history          history
search           found 0          found 1          found 1          found 0          found 1          found 1
kick             invite_required  not_allowed      done             banned           done             done
mute             invite_required  not_allowed      done             banned           done             done
ban              invite_required  not_allowed      done             banned           done             done
unban            invite_required  not_allowed      done             banned           done             done
slow             invite_required  not_allowed      done             banned           done             done
role             invite_required  not_allowed      not_allowed      banned           done             done
bans             invite_required  not_allowed      bans             banned           bans             bans
audit            invite_required  not_allowed      audit            banned           audit            audit
delete_room      invite_required  not_allowed      not_allowed      banned           done             done
reset_room       invite_required  not_allowed      not_allowed      banned           done             done`,
  );
});

Deno.test("requests are answered as the table says in no room", async () => {
  assertEquals(
    "\n" + await requestTable(OTHER_SAMPLES, "public"),
    `
                 guest            member           moderator        banned           owner            server
hello            already_ready    already_ready    already_ready    already_ready    already_ready    already_ready
register         already_ready    already_ready    already_ready    already_ready    already_ready    already_ready
login            already_ready    already_ready    already_ready    already_ready    already_ready    already_ready
refresh          not_offered      not_offered      not_offered      not_offered      not_offered      not_offered
rename           renamed          renamed          renamed          renamed          renamed          renamed
change_password  not_offered      done             done             done             done             done
sessions         sessions         sessions         sessions         sessions         sessions         sessions
revoke           unknown_session  unknown_session  unknown_session  unknown_session  unknown_session  unknown_session
logout           done             done             done             done             done             done
status           done             done             done             done             done             done
rooms            rooms            rooms            rooms            rooms            rooms            rooms
create           joined           joined           joined           joined           joined           joined
direct           joined           joined           joined           joined           joined           joined
create_token     not_allowed      not_allowed      not_allowed      not_allowed      not_allowed      token
tokens           not_allowed      not_allowed      not_allowed      not_allowed      not_allowed      tokens
drop_token       not_allowed      not_allowed      not_allowed      not_allowed      not_allowed      invalid_field
ping             done             done             done             done             done             done`,
  );
});

Deno.test("requests are answered as the table says about the whole server", async () => {
  assertEquals(
    "\n" + await requestTable(SERVER_SAMPLES, "public"),
    `
                 guest            member           moderator        banned           owner            server
ban              not_allowed      not_allowed      not_allowed      not_allowed      not_allowed      done
unban            not_allowed      not_allowed      not_allowed      not_allowed      not_allowed      done
bans             not_allowed      not_allowed      not_allowed      not_allowed      not_allowed      bans
audit            not_allowed      not_allowed      not_allowed      not_allowed      not_allowed      audit`,
  );
});

Deno.test("requests are refused to who has not said who it is, or is banned from the server", async () => {
  const samples = { ...ROOM_SAMPLES, ...OTHER_SAMPLES };
  for (const [type, sample] of Object.entries(samples)) {
    const isFirst = ["hello", "register", "login"].includes(type);
    const asked = { type, sample, kind: "public" } as const;
    assertEquals(
      [await answerTo("stranger", asked), await answerTo("outcast", asked)],
      isFirst ? ["ready", "banned"] : ["hello_required", "hello_required"],
      type,
    );
  }
});

Deno.test("calls of the API are answered as the table says in a public room", async () => {
  assertEquals(
    "\n" + await callTable("public"),
    `
                 guest            member           moderator        banned           owner            server           bot
listRooms        200              200              200              200              200              200              200
getRoom          200              200              200              banned           200              200              200
listMembers      200              200              200              banned           200              200              200
listMessages     200              200              200              banned           200              200              200
getMessage       200              200              200              banned           200              200              200
postMessage      scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    201
callHook         scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    201
searchMessages   200 1            200 1            200 1            200 0            200 1            200 1            200 1
disconnectPerson scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    204              204
uploadFile       201              201              201              201              201              201              201
describeApi      200              200              200              200              200              200              200`,
  );
});

Deno.test("calls of the API are answered as the table says in a private room", async () => {
  assertEquals(
    "\n" + await callTable("private"),
    `
                 guest            member           moderator        banned           owner            server           bot
listRooms        200              200              200              200              200              200              200
getRoom          invite_required  200              200              banned           200              200              invite_required
listMembers      invite_required  200              200              banned           200              200              invite_required
listMessages     invite_required  200              200              banned           200              200              invite_required
getMessage       invite_required  200              200              banned           200              200              invite_required
postMessage      scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    invite_required
callHook         scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    invite_required
searchMessages   200 0            200 1            200 1            200 0            200 1            200 1            200 0
disconnectPerson scope_missing    scope_missing    scope_missing    scope_missing    scope_missing    204              204
uploadFile       201              201              201              201              201              201              201
describeApi      200              200              200              200              200              200              200`,
  );
});

Deno.test("calls of the API are refused without a token, and to who is banned from the server", async () => {
  for (const { id, scope } of OPERATIONS) {
    const asked = { id, kind: "public" } as const;
    assertEquals(
      [await statusOf("stranger", asked), await statusOf("outcast", asked)],
      scope === undefined ? ["200", "200"] : ["token_required", "banned"],
      id,
    );
  }
});
