import { createDriver, type Delivery, type Driver, HubError, type JobOffer, type Outbox, type ParcelEvent } from "@waybill/client";
import { zone } from "../plan/step.ts";
import type { Process } from "../world/world.ts";
import { ClientProgram, isClosed, isDiskError } from "./client-program.ts";
import { passOf } from "./hub-program.ts";
import { printOf } from "./print.ts";

/** A driver: publishes what the plan says, and looks at the pool's offers: takes some, picks up or hands back, delivers. */
export class DriverProgram extends ClientProgram {
  protected connect(outbox: Outbox, process: Process): Driver {
    const { client, memoryOutboxes: _, ...settings } = this.stage.plan.settings;
    const driver = createDriver({
      url: "http://hub",
      token: passOf({ role: "driver", subject: this.name, driver: this.name }),
      outbox,
      ...client,
    });
    const failed = (error: unknown): void => {
      if (!isClosed(error) && !isDiskError(error)) this.stage.crashed(process, error);
    };
    driver.onOther((event, delivery) => this.#read(event, delivery));
    driver.start().catch(failed);
    driver
      .offers(zone, (offer) => this.atWork(() => this.#decide(driver, offer, process)), { atOnce: settings.creditEvents ?? 1 })
      .catch(failed);
    return driver;
  }

  /** What stores tell the holder of a parcel. */
  #read(event: ParcelEvent, { queue, group, offset, redrive, token }: Delivery): void {
    const effect = { queue, group, offset, redrive, id: event.id, parcel: event.parcel, print: printOf(event), by: this.name };
    const of = `${queue} ${group} ${event.parcel}`;
    this.stage.history.offered(event.id, { hubMs: this.stage.hubMs, redrive });
    this.stage.history.guard(of, token);
    this.stage.history.apply(effect, { of, token });
  }

  async #decide(driver: Driver, offer: JobOffer, { chance }: Process): Promise<void> {
    const { history } = this.stage;
    const { id, parcel, store } = offer.event;
    history.offered(id, { hubMs: this.stage.hubMs, redrive: 0 });
    if (!this.stage.isHealed) {
      await this.#wait(chance.pick([0, 10, 2_500]));
      if (chance.hit(0.25)) return offer.decline();
    }
    try {
      const { claim } = await offer.take();
      history.taken.push({ parcel, driver: this.name, claim });
      await this.#wait(chance.pick([0, 50, 1_000]));
      if (!this.stage.isHealed && chance.hit(0.25)) return await driver.handback(parcel, "flat tyre");
      this.publish({ kind: "publish", who: this.name, type: "pickup", parcel, store, data: {} });
      this.publish({ kind: "publish", who: this.name, type: "delivered", parcel, store, data: {} });
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
