import { createVendor, type Delivery, type Outbox, type ParcelEvent, type Vendor } from "@waybill/client";
import type { Vendor as VendorPlan } from "../plan/step.ts";
import type { Process } from "../world/world.ts";
import { type Behaviour, drawBehaviour } from "./behaviour.ts";
import { ClientProgram, isClosed, isDiskError } from "./client-program.ts";
import { passOf } from "./hub-program.ts";
import { printOf } from "./print.ts";
import type { Stage } from "./stage.ts";

const forever = (): Promise<never> => new Promise(() => {});
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A store's program: each event has its effect in the store's own table, unless its handler fails, hangs, or takes its process along. */
export class VendorProgram extends ClientProgram {
  readonly #plan: VendorPlan;
  readonly #tries: Map<string, number>;
  readonly #restart: (vendor: VendorProgram) => void;
  #lives = 0;
  /** Handlers that hang: what ends it, and whose they are. */
  readonly #hanging = new Map<() => void, Process>();

  /** `tries`: of each event, kept by the store. `restart`: its supervisor's, when it has crashed by itself. */
  constructor(stage: Stage, plan: VendorPlan, supervisor: { tries: Map<string, number>; restart: (vendor: VendorProgram) => void }) {
    super(stage, plan.name);
    this.#plan = plan;
    this.#tries = supervisor.tries;
    this.#restart = supervisor.restart;
  }

  /** The till answers again. */
  override healed(): void {
    super.healed();
    for (const [end, process] of this.#hanging) this.stage.world.after(0, process, end);
    this.#hanging.clear();
  }

  protected connect(outbox: Outbox, process: Process): Vendor {
    const { client, creditEvents, concurrency } = this.stage.plan.settings;
    const { stores, group } = this.#plan;
    const vendor = createVendor({ url: "http://hub", token: passOf({ role: "vendor", subject: this.name, stores }), outbox, ...client });
    const life = ++this.#lives;
    vendor.onOther((event, delivery) => this.atWork(() => this.#handle(event, delivery, life)));
    vendor.listen("gap", ({ queue, from, to }) => void this.stage.history.gaps.push({ of: `${queue} ${group}`, from, to }));
    const credit = creditEvents === null ? {} : { credit: { events: creditEvents, bytes: 100_000 } };
    vendor
      .start({
        queues: stores.map((store) => `store/${store}`),
        group,
        concurrency,
        ...credit,
        ...(group === "main" ? {} : { from: "start" }),
      })
      .catch((error: unknown) => {
        if (!isClosed(error) && !isDiskError(error)) this.stage.crashed(process, error);
      });
    return vendor;
  }

  async #handle(event: ParcelEvent, delivery: Delivery, life: number): Promise<void> {
    const { history } = this.stage;
    const { queue, group, offset, redrive } = delivery;
    const client = `${this.name}.${life}`;
    const key = `${queue} ${group} ${offset}/${redrive}`;
    const guard = `${queue} ${group} ${redrive > 0 ? offset : event.parcel}`;
    history.began(client, key, event.id);
    history.offered(event.id, { hubMs: this.stage.hubMs, redrive });
    history.guard(guard, delivery.token);
    const behaviour = this.#behaviourOf(event, group);
    if (behaviour.kind === "rejects") return delivery.reject("not ours");
    if (behaviour.kind === "nacks") return delivery.nack({ delayMs: behaviour.ms });
    await this.#before(behaviour);
    const effect = { queue, group, offset, redrive, id: event.id, parcel: event.parcel, print: printOf(event), by: this.name };
    if (delivery.signal.aborted || !history.apply(effect, { of: guard, token: delivery.token })) throw new Error("the lease is lost");
    await this.#after(behaviour);
    if (!delivery.signal.aborted) history.done(client, key);
  }

  #behaviourOf({ id }: ParcelEvent, group: string): Behaviour {
    const { plan, isHealed } = this.stage;
    const name = `${group} ${id}`;
    const tries = (this.#tries.get(name) ?? 0) + 1;
    this.#tries.set(name, tries);
    return isHealed ? { kind: "works" } : drawBehaviour(this.stage.chanceOf(`handle/${name}`), { tries, bad: plan.settings.badHandlers });
  }

  async #before(behaviour: Behaviour): Promise<void> {
    switch (behaviour.kind) {
      case "takes":
        return wait(behaviour.ms);
      case "fails":
        throw new Error("no paper in the printer");
      case "hangs":
        await this.#hang(behaviour.ms);
        throw new Error("the till did not answer");
      case "dies":
        if (!behaviour.isAfter) return this.#die();
    }
  }

  async #after(behaviour: Behaviour): Promise<void> {
    if (behaviour.kind === "fails-late") throw new Error("written, and then the line broke");
    if (behaviour.kind === "dies" && behaviour.isAfter) await this.#die();
  }

  #hang(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { process } = this;
      if (process) this.#hanging.set(resolve, process);
      setTimeout(() => {
        this.#hanging.delete(resolve);
        resolve();
      }, ms);
    });
  }

  /** Its process ends in the middle of the handler. */
  #die(): Promise<never> {
    this.crash({ isTold: true, isPower: false });
    this.#restart(this);
    return forever();
  }
}
