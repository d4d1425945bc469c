/**
 * Something to extend that is a `Class` to `instanceof` and to TypeScript, while
 * none has been made yet.
 */
export function deferred<Instance>(
  Class: { prototype: Instance },
): new () => Instance {
  const Deferred = function () {} as unknown as new () => Instance;
  Object.assign(Deferred, { prototype: Class.prototype });
  return Deferred;
}

/**
 * Lets the real object behind a deferred one be found by all that takes one, and
 * by the methods that are inherited: Deno keeps what it is made of in properties
 * behind symbols, which `sample` has.
 */
export function forwardSlots<Instance extends object>(
  prototype: Instance,
  { sample, realOf }: {
    readonly sample: object;
    readonly realOf: (deferred: Instance) => object;
  },
): void {
  for (const slot of Object.getOwnPropertySymbols(sample)) {
    Object.defineProperty(prototype, slot, {
      get: function (this: Instance): unknown {
        return Reflect.get(realOf(this), slot);
      },
      set: function (this: Instance, value: unknown): void {
        Reflect.set(realOf(this), slot, value);
      },
    });
  }
}
