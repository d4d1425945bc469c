import { API_BASE } from "./open_api.ts";
import type { Operation } from "./operation.ts";

/** What there is at an address. */
export interface Found {
  /** The operations, by method; there is one at least. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** The parameters of the path. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Place {
  readonly segments: readonly string[];
  readonly operations: Map<string, Operation>;
}

/** Finds operations by the pathnames of requests. */
export class OperationFinder {
  readonly #places = new Map<string, Place>();

  /** Takes note of the operations. */
  constructor(operations: readonly Operation[]) {
    for (const operation of operations) {
      const { method, path } = operation;
      let place = this.#places.get(path);
      if (place === undefined) {
        place = { segments: path.split("/"), operations: new Map() };
        this.#places.set(path, place);
      }
      place.operations.set(method, operation);
    }
  }

  /** What there is at a pathname, if anything is. */
  find(pathname: string): Found | undefined {
    if (!pathname.startsWith(`${API_BASE}/`)) return undefined;
    const given = pathname.slice(API_BASE.length).split("/");
    for (const { segments, operations } of this.#places.values()) {
      const parameters = match(segments, given);
      if (parameters !== undefined) return { operations, parameters };
    }
    return undefined;
  }
}

/** The parameters of a path, if it is the one that is given. */
function match(
  segments: readonly string[],
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (segments.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined) {
      if (segment !== given[index]) return undefined;
      continue;
    }
    // Decoded by itself: a slash in it does not part it.
    const value = decode(given[index]!);
    if (value === undefined || value === "") return undefined;
    parameters[name] = value;
  }
  return parameters;
}

function decode(escaped: string): string | undefined {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}
