import { ChatRefusal, disconnect } from "../chat/mod.ts";
import { readId } from "../chat/requests/fields.ts";
import { answer } from "./answer.ts";
import type { Operation } from "./operation.ts";

/** People. */
export const PEOPLE_OPERATIONS: readonly Operation[] = [
  {
    id: "disconnectPerson",
    method: "POST",
    path: "/people/{person}/disconnect",
    summary:
      "Ends all connections of a person with 4002. It may come back; a ban keeps it out.",
    scope: "people:disconnect",
    answers: { 204: { description: "They have ended." } },
    async handle({ chat, caller, fields }) {
      const person = await chat.store.people.get(readId(fields, "person"));
      if (person === undefined) throw new ChatRefusal("person_unknown");
      await chat.store.moderation.log({
        action: "disconnect",
        by: caller.actor.person,
        person: { id: person.id, name: person.name },
        detail: "",
        time: chat.time(),
      });
      disconnect(chat, person.id);
      return answer(204);
    },
  },
];
