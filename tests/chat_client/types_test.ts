import { assertEquals } from "@std/assert";
import { CHAT_PROTOCOL } from "../../static/chat-client/mod.js";
import type * as ours from "../../static/chat-client/wire.d.ts";
import type * as asked from "../../handlers/chat/client_messages.ts";
import { CHAT_PROTOCOL as SERVER_PROTOCOL } from "../../handlers/chat/mod.ts";
import type * as model from "../../handlers/chat/model.ts";
import type { TokenScope } from "../../handlers/chat/token_scopes.ts";
import type * as said from "../../handlers/chat/server_messages.ts";

/** What JSON leaves of a type: there is no `undefined`. */
type Told<T> = T extends object
  ? { [K in keyof T]: Told<Exclude<T[K], undefined>> }
  : T;

type Equal<A, B> = [A, B] extends [B, A] ? true : false;
type Fits<A, B> = [A] extends [B] ? true : false;

/** Compiles only if all are true. */
function check<_ extends readonly true[]>(): void {}

Deno.test("the client's types are those of the server", () => {
  check<[
    Equal<ours.Person, model.Person>,
    Equal<ours.Member, model.Member>,
    Equal<ours.AttachmentInfo, model.AttachmentInfo>,
    Equal<ours.Reaction, model.Reaction>,
    Equal<ours.ChatMessage, model.ChatMessage>,
    Equal<ours.AuditEntry, model.AuditEntry>,
    Equal<ours.RoomKind, model.RoomKind>,
    Equal<ours.RoomRole, model.RoomRole>,
    Equal<ours.TokenScope, TokenScope>,
  ]>();
  check<[Fits<Told<said.ServerMessage>, ours.ServerMessage>]>();
  // Those that do not fit, or have a field that the server does not know. The
  // server has made words of a query.
  check<[Equal<Misfit<keyof ours.ChatRequests>, "search">]>();
  check<[
    Fits<
      Told<said.HistoryMessage>,
      ours.ChatRequests["history"]["answer"]
    >,
    Fits<Told<said.FoundMessage>, ours.ChatRequests["search"]["answer"]>,
    Fits<Told<said.RoomsMessage>, ours.ChatRequests["rooms"]["answer"]>,
    Fits<Told<said.MembersMessage>, ours.ChatRequests["members"]["answer"]>,
    Fits<Told<said.InvitedMessage>, ours.ChatRequests["invite"]["answer"]>,
    Fits<Told<said.InvitesMessage>, ours.ChatRequests["invites"]["answer"]>,
    Fits<Told<said.VersionsMessage>, ours.ChatRequests["versions"]["answer"]>,
    Fits<Told<said.ReadMessage>, ours.ChatRequests["read"]["answer"]>,
    Fits<Told<said.SessionsMessage>, ours.ChatRequests["sessions"]["answer"]>,
    Fits<Told<said.RenamedMessage>, ours.ChatRequests["rename"]["answer"]>,
    Fits<Told<said.BansMessage>, ours.ChatRequests["bans"]["answer"]>,
    Fits<Told<said.AuditMessage>, ours.ChatRequests["audit"]["answer"]>,
    Fits<Told<said.TokenMessage>, ours.ChatRequests["create_token"]["answer"]>,
    Fits<Told<said.TokensMessage>, ours.ChatRequests["tokens"]["answer"]>,
    Fits<Told<said.DoneMessage>, ours.ChatRequests["status"]["answer"]>,
  ]>();
  assertEquals(CHAT_PROTOCOL, SERVER_PROTOCOL);
});

// The server's types have what was left out filled in.
type Known<T> = Partial<Told<Extract<asked.ChatRequest, { type: T }>>>;
type Misfit<T extends keyof ours.ChatRequests> = T extends T
  ? ours.ChatRequests[T]["fields"] extends Known<T>
    ? keyof ours.ChatRequests[T]["fields"] extends keyof Known<T> ? never : T
  : T
  : never;
