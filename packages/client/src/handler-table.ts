import { type EventType, isEventType } from "@waybill/events";
import type { InHand } from "./in-hand.ts";
import type { IntakeOptions } from "./intake.ts";
import type { Handler } from "./types.ts";

/** The program's handlers by event type. */
export class HandlerTable {
  readonly #byType = new Map<string, Handler>();
  #other: Handler | null = null;

  on<T extends EventType>(type: T, handler: Handler<T>): void {
    // The event that comes with a type's name is of that type: the hub has checked it. The compiler cannot follow the Map.
    this.#byType.set(type, handler as unknown as Handler);
  }

  onOther(handler: Handler): void {
    this.#other = handler;
  }

  missing(types: readonly EventType[]): EventType[] {
    return this.#other === null ? types.filter((type) => !this.#byType.has(type)) : [];
  }

  intake(concurrency = 16): IntakeOptions {
    return {
      concurrency: () => concurrency,
      handle: (item) => this.#handle(item),
      returned: (item) => {
        if (!item.isLost) item.ack();
      },
      threw: (item, error) => item.nack({ reason: error.message }),
    };
  }

  #handle(item: InHand): unknown {
    const { type } = item.event;
    const handler = this.#byType.get(type) ?? this.#other;
    if (handler !== null) return handler(item.event, item);
    throw new Error(
      isEventType(type) ? `No handler for ${type}.` : `This SDK does not know the event type ${String(type)}: update it, or add onOther.`,
    );
  }
}
