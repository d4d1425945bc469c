import { assertEquals, assertNotEquals } from "@std/assert";
import { CHAT_CLOSE } from "../../../handlers/chat/close_codes.ts";
import { Connection } from "../../../handlers/chat/sqlite/connection.ts";
import { TempFolder } from "../../_temp_folder.ts";
import { Chatroom, type Heard, type Person } from "./_people.ts";
import { gather } from "./_staff.ts";

/** What a moderator may change, in the order in which it is read here. */
const TABLES = [
  "rooms",
  "memberships",
  "invites",
  "messages",
  "versions",
  "bans",
  "banned_addresses",
  "tokens",
];

/** The rooms "lobby" and "crew", which is private, on a file that can be read. */
class Scene implements AsyncDisposable {
  readonly room: Chatroom;
  readonly #folder: TempFolder;
  readonly #file: Connection;
  /** The owner of the server, who may do all of it. */
  olga!: Person;
  /** To whom it is done: a moderator of both rooms. */
  bo!: Person;
  /** A token of the API. */
  token = "";
  /** An invitation to "crew". */
  invitation = "";

  private constructor() {
    this.#folder = new TempFolder();
    const path = this.#folder.at("chat.sqlite");
    this.room = new Chatroom({ path });
    this.#file = new Connection(path);
  }

  static async open(): Promise<Scene> {
    const scene = new Scene();
    const { room } = scene;
    const { ana, bo, olga } = await gather(room);
    scene.olga = olga;
    scene.bo = bo;
    await ana.asks({ type: "create", room: "crew", kind: "private" });
    for (const name of ["lobby", "crew"]) {
      const role = "moderator";
      await room.store.rooms.setMembership(name, bo.id, { role });
    }
    await bo.says("lobby", "advertising");
    const { invite, id } = await olga.gets({ type: "invite", room: "crew" });
    assertEquals(typeof invite, "string");
    scene.invitation = id;
    const { token } = await olga.gets({
      type: "create_token",
      name: "CI",
      scopes: ["rooms:read"],
    });
    scene.token = token.id;
    return scene;
  }

  /** What is stored, but for what is noted. */
  state(): unknown {
    return TABLES.map((table) => this.#file.all(`SELECT * FROM ${table}`));
  }

  /** What is noted, oldest first, by its actions. */
  noted(): string[] {
    return this.#file.all<{ action: string }>(
      "SELECT action FROM audit ORDER BY n",
    ).map(({ action }) => action);
  }

  /** From now on nothing can be noted. */
  breakLog(): void {
    this.#file.exec(
      `CREATE TRIGGER broken BEFORE INSERT ON audit
       BEGIN SELECT raise(ABORT, 'nothing can be noted'); END`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    await this.room[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

interface Deed {
  readonly name: string;
  /** What has been done before. */
  readonly before?: (scene: Scene) => Heard;
  /** What is done. */
  readonly request: (scene: Scene) => Heard;
  /** Whether to do it again changes something again. */
  readonly again?: true;
}

const person = ({ bo }: Scene) => bo.id;
const ban = (scene: Scene) => ({ type: "ban", person: person(scene) });

const DEEDS: readonly Deed[] = [
  {
    name: "delete",
    request: () => ({ type: "delete", room: "lobby", offset: 1 }),
  },
  {
    name: "topic",
    request: () => ({ type: "topic", room: "lobby", topic: "sailing" }),
  },
  {
    name: "slow",
    request: () => ({ type: "slow", room: "lobby", seconds: 10 }),
  },
  {
    name: "mute",
    request: (scene) => ({
      type: "mute",
      room: "lobby",
      person: person(scene),
    }),
  },
  {
    name: "the end of a mute",
    before: (scene) => ({ type: "mute", room: "lobby", person: person(scene) }),
    request: (scene) => ({
      type: "mute",
      room: "lobby",
      person: person(scene),
      lasts: 0,
    }),
  },
  {
    name: "role",
    request: (scene) => ({
      type: "role",
      room: "lobby",
      person: person(scene),
      role: "member",
    }),
  },
  {
    name: "ban from a public room",
    request: (scene) => ({ ...ban(scene), room: "lobby" }),
    again: true,
  },
  {
    name: "ban from a private room",
    request: (scene) => ({ ...ban(scene), room: "crew" }),
    again: true,
  },
  { name: "ban from the server", request: ban, again: true },
  {
    name: "unban from a room",
    before: (scene) => ({ ...ban(scene), room: "lobby" }),
    request: (scene) => ({
      type: "unban",
      room: "lobby",
      person: person(scene),
    }),
  },
  {
    name: "unban from the server",
    before: ban,
    request: (scene) => ({ type: "unban", person: person(scene) }),
  },
  {
    name: "invite",
    request: () => ({ type: "invite", room: "crew" }),
    again: true,
  },
  {
    name: "drop_invite",
    request: ({ invitation }) => ({
      type: "drop_invite",
      room: "crew",
      invite: invitation,
    }),
  },
  {
    name: "create_token",
    request: () => ({
      type: "create_token",
      name: "CI",
      room: "crew",
      scopes: ["rooms:read"],
    }),
    again: true,
  },
  {
    name: "drop_token",
    request: ({ token }) => ({ type: "drop_token", token }),
  },
  {
    name: "reset_room",
    request: () => ({ type: "reset_room", room: "lobby" }),
    again: true,
  },
  {
    name: "delete_room",
    request: () => ({ type: "delete_room", room: "lobby" }),
  },
];

async function stage({ before }: Deed): Promise<Scene> {
  const scene = await Scene.open();
  if (before) await scene.olga.asks(before(scene));
  return scene;
}

for (const deed of DEEDS) {
  const { name, request, again = false } = deed;

  Deno.test(`${name} is noted once, and only when it changes something`, async () => {
    await using scene = await stage(deed);
    const state = scene.state();
    const noted = scene.noted();
    const asked = request(scene);
    await scene.olga.asks(asked);
    assertNotEquals(scene.state(), state);
    assertEquals(scene.noted(), [...noted, asked.type]);
    await scene.olga.asks(asked);
    assertEquals(scene.noted().length, noted.length + (again ? 2 : 1));
  });

  Deno.test(`${name} is not done when it cannot be noted`, async () => {
    await using scene = await stage(deed);
    const state = scene.state();
    scene.breakLog();
    await scene.olga.asks(request(scene));
    assertEquals(scene.room.errors.splice(0).map(String), [
      "Error: nothing can be noted",
    ]);
    assertEquals(scene.olga.closedWith?.code, CHAT_CLOSE.internalError);
    assertEquals(scene.state(), state);
  });
}

Deno.test("kick is not done when it cannot be noted", async () => {
  await using scene = await Scene.open();
  scene.breakLog();
  const { olga, bo, room } = scene;
  await olga.asks({ type: "kick", room: "lobby", person: bo.id });
  assertEquals(room.errors.splice(0).length, 1);
  await bo.says("lobby", "still here");
  assertEquals(bo.hears().at(-1).text, "still here");
});
