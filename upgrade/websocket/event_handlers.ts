/** Called with an event; what it is called on is the target. */
type Handler = (event: never) => unknown;

interface Slot {
  handler: Handler;
  readonly listener: (event: Event) => void;
}

/**
 * The event handlers of a target, its `on…` attributes: one a type of event,
 * called in turn with the listeners, from when it was first set.
 */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #slots = new Map<string, Slot>();

  /** Makes room for the handlers of `target`. */
  constructor(target: EventTarget) {
    this.#target = target;
  }

  /** The handler of a type, or null. */
  get<Wanted extends Handler>(type: string): Wanted | null {
    return (this.#slots.get(type)?.handler ?? null) as Wanted | null;
  }

  /** Sets the handler of a type; whatever is no function unsets it. */
  set(type: string, handler: Handler | null): void {
    const slot = this.#slots.get(type);
    if (typeof handler !== "function") {
      if (slot === undefined) return;
      this.#slots.delete(type);
      this.#target.removeEventListener(type, slot.listener);
    } else if (slot !== undefined) slot.handler = handler;
    else this.#add(type, handler);
  }

  #add(type: string, handler: Handler): void {
    const slot: Slot = {
      handler,
      listener: (event) => {
        slot.handler.call(this.#target, event as never);
      },
    };
    this.#slots.set(type, slot);
    this.#target.addEventListener(type, slot.listener);
  }
}
