import { CHAT_LIMITS } from "../limits.ts";
import { normalizeName } from "../names.ts";
import type { StoredPerson } from "../store.ts";
import type { Admission } from "./admission.ts";
import {
  type Identified,
  type IdentityRefusal,
  withoutPassword,
} from "./identified.ts";
import { hashSecret } from "./secrets.ts";
import type { TokenVerifier, VerifiedToken } from "./verified_token.ts";

/**
 * People who come in with a token from elsewhere, where several may have one
 * name. So who comes later gets a number after the name, such as `Ana 2`.
 */
export class TokenPeople {
  readonly #admission: Admission;
  readonly #verifier: TokenVerifier;

  constructor(admission: Admission, verifier: TokenVerifier) {
    this.#admission = admission;
    this.#verifier = verifier;
  }

  /**
   * Whom a token names, under the name that it has; if `person` is given, of
   * that one only.
   */
  async hello(
    token: string,
    { person: expected }: { readonly person?: string } = {},
  ): Promise<Identified | IdentityRefusal> {
    const verified = await this.#verifier.verify(token);
    if (typeof verified === "string") return verified;
    if (expected !== undefined && verified.id !== expected) {
      return "invalid_token";
    }
    return await this.#enter(verified);
  }

  async #enter(verified: VerifiedToken): Promise<Identified | IdentityRefusal> {
    const name = normalizeName(verified.name);
    if (name === undefined) return "invalid_name";
    const person = await this.#personOf(verified.id, name);
    if (person === undefined) return "name_taken";
    return {
      // Owning comes from the token alone, so that it ends where it was given.
      person: { ...withoutPassword(person), isOwner: verified.isOwner },
      expires: verified.expires,
    };
  }

  /** The person of a token, under the first name of those that is free. */
  async #personOf(id: string, name: string): Promise<StoredPerson | undefined> {
    const admission = this.#admission;
    const { people } = admission.store;
    let person = await people.get(id);
    for (const candidate of numbered(name, id)) {
      if (person?.name === candidate) return person;
      if (person !== undefined) {
        const result = await admission.rename(id, candidate);
        if (result === "renamed") return { ...person, name: candidate };
        continue;
      }
      const wanted: StoredPerson = {
        id,
        name: candidate,
        kind: "jwt",
        isOwner: false,
        created: admission.now(),
      };
      if (await admission.add(wanted) === "added") return wanted;
      // Perhaps it was taken by the same person on another device.
      person = await people.get(id);
      if (person?.name === candidate) return person;
    }
    return person;
  }
}

/** The name; then the name with numbers, the last one made from the id. */
function numbered(name: string, id: string): readonly string[] {
  const own = Number.parseInt(hashSecret(id).slice(0, 6), 16);
  return [
    name,
    ...[2, 3, 4, 5, 6, 7, 8, 9, own].map((number) => withNumber(name, number))
      .filter((candidate) => candidate !== undefined),
  ];
}

/** Cut where it would be too long. */
function withNumber(name: string, number: number): string | undefined {
  const end = ` ${number}`;
  const start = [...name].slice(0, CHAT_LIMITS.name - end.length).join("");
  return normalizeName(start + end);
}
