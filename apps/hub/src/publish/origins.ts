import { type Queue, queueOf } from "@waybill/events";
import type { AppendItem, Outbox } from "@waybill/storage";
import { type Origin, originOf } from "./candidate.ts";

/** So many of a publisher's lanes are remembered. One with more of them begins anew now and then. */
const ORIGINS_MAX = 1_024;

/** A publisher's lanes come again with each frame, and the same few texts name them in all tables then. */
export class Origins<From extends AppendItem["from"] = Outbox> {
  readonly tenant: string;
  readonly from: From;
  readonly #known = new Map<Queue, Origin>();
  readonly #ofStores = new Map<string, Origin>();

  constructor(tenant: string, from: From) {
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

  /** What is published to a store's home. */
  ofStore(store: string): Origin {
    const known = this.#ofStores.get(store);
    if (known !== undefined) return known;
    if (this.#ofStores.size >= ORIGINS_MAX) this.#ofStores.clear();
    const origin = originOf(this, queueOf("store", store));
    this.#ofStores.set(origin.store, origin);
    return origin;
  }
}
