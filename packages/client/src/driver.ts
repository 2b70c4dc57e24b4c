import { HubError, type Position, positionSchema, queueOf, toIssues } from "@waybill/events";
import { askUntil } from "./ask-until.ts";
import { type CreateOptions, WaybillClient } from "./client.ts";
import { Offer } from "./offer.ts";
import type { Driver, Job, JobOffer } from "./types.ts";

class DriverClient extends WaybillClient implements Driver {
  constructor(options: CreateOptions) {
    super({ ...options, namespace: "/driver" });
  }

  async offers(zone: string, handler: (offer: JobOffer) => unknown, { atOnce = 1 }: { atOnce?: number } = {}): Promise<void> {
    const offer = Offer.intake({
      zone,
      handler,
      atOnce,
      take: (parcel) => this.take(parcel),
      report: (error) => this.announcer.announce("error", error),
    });
    const credit = { events: atOnce, bytes: Number.MAX_SAFE_INTEGER };
    await this.consumer.subscribe({ queues: [queueOf("zone", zone)], options: { credit }, isPool: true }, offer);
  }

  async take(parcel: string): Promise<Job> {
    const answer = await askUntil(this.connection, (link) => link.request("take", { parcel }));
    if (answer.outcome !== "yours") throw new HubError("INVALID_MESSAGE", `The hub answered \`take\` with \`${answer.outcome}\`.`);
    const { store, zone, claim } = answer;
    return { parcel: answer.parcel, store, zone, claim };
  }

  async handback(parcel: string, reason?: string): Promise<void> {
    const request = reason === undefined ? { parcel } : { parcel, reason };
    await askUntil(this.connection, (link) => link.request("handback", request));
  }

  async jobs(): Promise<readonly Job[]> {
    const { jobs } = await askUntil(this.connection, (link) => link.request("jobs", {}));
    return jobs;
  }

  position(position: Position): void {
    const parsed = positionSchema.safeParse(position);
    if (!parsed.success)
      throw new HubError("INVALID_EVENT", "This position breaks its schema.", { issues: toIssues(parsed.error), cause: parsed.error });
    this.connection.link?.notifyVolatile("position", parsed.data);
  }
}

/** A driver's side: publishes what happens to parcels, takes jobs. Connects at once. */
export function createDriver(options: CreateOptions): Driver {
  return new DriverClient(options);
}
