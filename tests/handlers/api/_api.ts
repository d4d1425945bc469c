import { assert, assertEquals } from "@std/assert";
import { createApi } from "../../../handlers/api.ts";
import { OperationFinder } from "../../../handlers/api/find_operation.ts";
import { describeApi } from "../../../handlers/api/open_api.ts";
import { OPERATIONS } from "../../../handlers/api/operations.ts";
import { type Schema, SCHEMAS } from "../../../handlers/api/schemas.ts";
import {
  hashSecret,
  newSecret,
} from "../../../handlers/chat/identity/secrets.ts";
import type { TokenScope } from "../../../handlers/chat/token_scopes.ts";
import {
  MemoryFiles,
  Uploads,
  type UploadsOptions,
} from "../../../handlers/files/mod.ts";
import type { Handler } from "../../../upgrade/mod.ts";
import { Chatroom, type ChatroomOptions, type Heard } from "../chat/_people.ts";
import { faultsOf } from "./_schema.ts";

/** What a test wants to be different. */
export interface ApiOptions extends ChatroomOptions {
  readonly uploads?: Partial<UploadsOptions>;
}

/** What a test asks. */
export interface Question {
  /** The bearer token. */
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it comes from. */
  readonly address?: string;
}

/** An answer of which a test wants to see anything. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON, if there is any. */
  readonly body: Heard;
}

/** A chat with its API. */
export class Api implements AsyncDisposable {
  readonly room: Chatroom;
  readonly files = new MemoryFiles();
  readonly uploads: Uploads;
  readonly handler: Handler;
  #bots = 0;

  private constructor(room: Chatroom, options: Partial<UploadsOptions> = {}) {
    this.room = room;
    this.uploads = new Uploads({
      store: room.store,
      files: this.files,
      maxBytes: 1000,
      now: () => room.clock.now(),
      ...options,
    });
    this.handler = createApi(room.chat, { uploads: this.uploads });
  }

  static async open({ uploads, ...options }: ApiOptions = {}): Promise<Api> {
    return new Api(await Chatroom.open(options), uploads);
  }

  /** Makes a token with scopes, for one room or all, which speaks as a bot. */
  async token(
    scopes: readonly TokenScope[],
    room?: string,
    { isOwner = false } = {},
  ): Promise<string> {
    const { store, clock } = this.room;
    const id = `bot${++this.#bots}`;
    const created = clock.now();
    await store.people.add({
      id,
      name: `Bot ${this.#bots}`,
      bot: true,
      kind: "bot",
      isOwner,
      created,
    }, { nameKey: id, now: created });
    const secret = newSecret();
    await store.tokens.add(
      { id: `token of ${id}`, name: "CI", scopes, person: id, room, created },
      hashSecret(secret),
    );
    return secret;
  }

  /** Asks, and checks that the answer is as it is described. */
  async ask(
    method: string,
    path: string,
    { token, json, body, headers, address = "192.0.2.1" }: Question = {},
  ): Promise<Answered> {
    const request = new Request(`http://localhost/api/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      body: body ?? (json === undefined ? null : JSON.stringify(json)),
    });
    const at = { transport: "tcp", hostname: address, port: 1 } as const;
    const response = await this.handler(request, {
      remoteAddr: at,
      localAddr: at,
    });
    const text = await response.text();
    const answered: Answered = {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    assertDescribed(request, answered);
    return answered;
  }

  /** Asks for what is refused; gives the status and the code. */
  async refuses(
    method: string,
    path: string,
    question: Question = {},
  ): Promise<readonly [number, string]> {
    const { status, headers, body } = await this.ask(method, path, question);
    assert(status >= 400);
    assertEquals(headers.get("content-type"), "application/problem+json");
    assertEquals(body.status, status);
    return [status, body.code];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.room[Symbol.asyncDispose]();
  }
}

const finder = new OperationFinder(OPERATIONS);
const description = JSON.parse(JSON.stringify(describeApi(OPERATIONS)));

function assertDescribed(
  { method, url }: Request,
  { status, headers, body }: Answered,
): void {
  assertEquals(headers.get("cache-control"), "no-store");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("set-cookie"), null);
  assertEquals(headers.get("access-control-allow-origin"), null);
  const found = finder.find(new URL(url).pathname);
  const operation = found?.operations.get(method);
  if (operation === undefined) {
    if (status === 204) return;
    return assertFits(body, SCHEMAS.Problem);
  }
  const { responses } = description.paths[operation.path][method.toLowerCase()];
  const range = responses[status] ?? responses[`${Math.floor(status / 100)}XX`];
  assert(range, `${operation.id} is not described to answer ${status}`);
  const response = range.$ref ? pointedAt(range.$ref) : range;
  const [[type, media] = [null, undefined]] = Object.entries<Heard>(
    response.content ?? {},
  );
  assertEquals(headers.get("content-type"), type);
  assertEquals(headers.has("location"), "Location" in (response.headers ?? {}));
  if (media === undefined) assertEquals(body, undefined);
  else assertFits(body, media.schema);
}

/** Asserts that a value is as a schema of the description says. */
export function assertFits(value: unknown, schema: Schema): void {
  assertEquals(faultsOf(value, schema, { resolve: pointedAt }), []);
}

/** What a `$ref` of the description means. */
export function pointedAt(ref: string): Heard {
  return ref.slice(2).split("/").reduce((part, key) => part[key], description);
}
