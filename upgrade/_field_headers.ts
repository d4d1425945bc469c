import { deferred, forwardSlots } from "./_deferred.ts";
import { type FieldLines, isToken } from "./http1/mod.ts";

/**
 * The fields of a request, which nobody changes.
 *
 * To look up a few of them takes less than to make a `Headers`, which is made
 * when more is asked for.
 */
export class FieldHeaders extends deferred(Headers) {
  readonly #fields: FieldLines;
  #made: Headers | undefined;

  static {
    forwardSlots<FieldHeaders>(this.prototype, {
      sample: new Headers(),
      realOf: (headers) =>
        headers.#made ??= new Headers(headers.#fields as [string, string][]),
    });
  }

  /** Makes headers of field lines that are known to be valid. */
  constructor(fields: FieldLines) {
    super();
    this.#fields = fields;
  }

  /**
   * The values of a field, joined; `null` when there is none.
   *
   * Throws a `TypeError` when no field can have the name.
   */
  override get(name: string): string | null {
    name = String(name);
    if (!isToken(name)) {
      throw new TypeError(
        `Cannot look up ${JSON.stringify(name)}: no field has this name`,
      );
    }
    const wanted = name.toLowerCase();
    let value: string | null = null;
    for (const line of this.#fields) {
      if (line[0] !== wanted) continue;
      value = value === null ? line[1] : `${value}, ${line[1]}`;
    }
    return value;
  }

  /** Whether there is a field. */
  override has(name: string): boolean {
    return this.get(name) !== null;
  }

  /** Throws: they are immutable. */
  override append(): never {
    throw immutable();
  }

  /** Throws: they are immutable. */
  override delete(): never {
    throw immutable();
  }

  /** Throws: they are immutable. */
  override set(): never {
    throw immutable();
  }
}

function immutable(): TypeError {
  return new TypeError("Cannot change the headers: they are immutable");
}
