import type { Queue } from "@waybill/events";
import type { Outbox } from "@waybill/storage";
import { type Origin, originOf } from "./candidate.ts";

/** So many of a publisher's lanes are remembered. One with more of them begins anew now and then. */
const ORIGINS_MAX = 1_024;

/** A publisher's lanes come again with each frame, and the same few texts name them in all tables then. */
export class Origins {
  readonly tenant: string;
  readonly from: Outbox;
  readonly #known = new Map<Queue, Origin>();

  constructor(tenant: string, from: Outbox) {
    this.tenant = tenant;
    this.from = from;
  }

  of(queue: Queue): Origin {
    const known = this.#known.get(queue);
    if (known !== undefined) return known;
    if (this.#known.size >= ORIGINS_MAX) this.#known.clear();
    const origin = originOf(this, queue);
    this.#known.set(queue, origin);
    return origin;
  }
}
