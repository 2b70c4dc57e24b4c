import type { Queue } from "@waybill/events";
import type { SubscriptionKey } from "@waybill/storage";
import type { Runner } from "./runner.ts";

const none: readonly Runner[] = [];

/** The running engines by tenant and queue: an appended event goes to all groups of its queue, of which there are few. */
export class ActiveRunners {
  readonly #tenants = new Map<string, Map<Queue, readonly Runner[]>>();
  // Asked for each event, and mostly for the same queue as before.
  #latestTenant = "";
  #latestQueue: Queue = "";
  #latest = none;

  /** A list that is never changed: who walks it may start and end runners. */
  of(tenant: string, queue: Queue): readonly Runner[] {
    if (queue !== this.#latestQueue || tenant !== this.#latestTenant) {
      this.#latestTenant = tenant;
      this.#latestQueue = queue;
      this.#latest = this.#tenants.get(tenant)?.get(queue) ?? none;
    }
    return this.#latest;
  }

  get({ tenant, queue, group }: SubscriptionKey): Runner | undefined {
    return this.of(tenant, queue).find(({ key }) => key.group === group);
  }

  /** In the place of an earlier one of its subscription. */
  put(runner: Runner): void {
    const { tenant, queue, group } = runner.key;
    const others = this.of(tenant, queue).filter(({ key }) => key.group !== group);
    this.#set(tenant, queue, [...others, runner]);
  }

  /** Nothing happens when another one has its place. */
  forget(runner: Runner): void {
    const { tenant, queue } = runner.key;
    this.#set(
      tenant,
      queue,
      this.of(tenant, queue).filter((one) => one !== runner),
    );
  }

  /** As they are now: what starts or ends meanwhile changes nothing. */
  *all(): IterableIterator<Runner> {
    for (const queues of [...this.#tenants.values()]) for (const runners of [...queues.values()]) yield* runners;
  }

  #set(tenant: string, queue: Queue, runners: readonly Runner[]): void {
    const queues = this.#tenants.get(tenant) ?? new Map<Queue, readonly Runner[]>();
    if (runners.length > 0) this.#tenants.set(tenant, queues.set(queue, runners));
    else if (queues.delete(queue) && queues.size === 0) this.#tenants.delete(tenant);
    this.#latestQueue = "";
  }
}
