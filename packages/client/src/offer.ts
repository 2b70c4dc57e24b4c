import { HubError, type ParcelEventOf } from "@waybill/events";
import type { InHand } from "./in-hand.ts";
import type { IntakeOptions } from "./intake.ts";
import { WITHDRAW } from "./settle-buffer.ts";
import type { Job, JobOffer } from "./types.ts";

type OfferOptions = {
  zone: string;
  handler: (offer: JobOffer) => unknown;
  atOnce: number;
  take: (parcel: string) => Promise<Job>;
  report: (error: Error) => void;
};

/** A pool's event in hand, as an offer. Taking it settles the event at the hub, in the commit of the claim. */
export class Offer implements JobOffer {
  readonly event: ParcelEventOf<"ready">;
  readonly zone: string;
  readonly #item: InHand;
  readonly #take: OfferOptions["take"];

  constructor(item: InHand, event: ParcelEventOf<"ready">, { zone, take }: OfferOptions) {
    this.event = event;
    this.zone = zone;
    this.#item = item;
    this.#take = take;
  }

  static intake(options: OfferOptions): IntakeOptions {
    return {
      concurrency: () => options.atOnce,
      // Nothing but `ready` belongs into a pool: anything else goes back.
      handle: (item) => (item.event.type === "ready" ? options.handler(new Offer(item, item.event, options)) : undefined),
      returned: (item) => item.over(WITHDRAW),
      threw: (item, error) => {
        options.report(error);
        item.over(WITHDRAW);
      },
    };
  }

  get signal(): AbortSignal {
    return this.#item.signal;
  }

  async take(): Promise<Job> {
    if (this.#item.isSettled) throw new HubError("CLAIM_LOST", "This offer was declined, or taken already.");
    const job = await this.#take(this.event.parcel);
    this.#item.ack();
    return job;
  }

  decline(): void {
    this.#item.over(WITHDRAW);
  }
}
