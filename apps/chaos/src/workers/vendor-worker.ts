/** A process with the sockets of some stores. Where it `churns`, a second socket for the same stores comes and goes. */
import { setTimeout as sleep } from "node:timers/promises";
import { createVendor, type Vendor } from "@waybill/client";
import { HubError, limits } from "@waybill/events";
import { createChance } from "@waybill/testkit";
import { openEffects } from "./effects.ts";
import { handle } from "./handle.ts";
import { runWorker } from "./worker.ts";
import { readWorkerConfig, reconnect, type WorkerConfig } from "./worker-config.ts";

const HANDLERS_AT_ONCE = 64;
/** Of each store, in one life little, in the next all that may be: what a process had in hand when it died is offered alone, one by one. */
const HANDS = [64, 64, 256, limits.creditEventsMax] as const;
const STAYS_MS = [500, 5_000] as const;
const AWAY_MS = [100, 1_500] as const;

const config = readWorkerConfig();
const effects = openEffects(config.effectsDir);
const chance = createChance(`${config.seed}/${config.name}/${process.pid}`);
const credit = { events: chance.pick(HANDS), bytes: limits.creditBytesMax };
let isToDie = false;
const parts = { effects, leaseMs: config.leaseMs, mustDieBetween: () => isToDie };

type Seat = WorkerConfig["vendors"][number];

function open({ name, token, stores }: Seat): Vendor {
  const vendor = createVendor({ url: config.url, token, ...reconnect });
  vendor.onOther((event, { queue, offset, redrive }) => handle({ queue, offset, redrive, event }, name, parts));
  const queues = stores.map((store) => `store/${store}`);
  vendor.start({ queues, concurrency: HANDLERS_AT_ONCE, credit }).catch((error: unknown) => {
    // Closed before the hub ever answered: so it is with those who come and go. Refused for good is nobody here, and would be a violation.
    if (!(error instanceof HubError && error.code === "CLOSED")) throw error;
  });
  return vendor;
}

async function churn(seat: Seat): Promise<void> {
  for (;;) {
    await sleep(chance.int(...AWAY_MS));
    const vendor = open({ ...seat, name: `${seat.name}-second` });
    await sleep(chance.int(...STAYS_MS));
    await vendor.close({ drainMs: chance.hit(0.5) ? 0 : 500 });
  }
}

const vendors = config.vendors.map(open);
if (config.churns) for (const seat of config.vendors) void churn(seat);

await runWorker({
  counts: () => ({
    confirmed: 0,
    pending: 0,
    applied: effects.applied,
    active: vendors.every(({ status }) => status !== "closed"),
    connected: vendors.every(({ status }) => status === "connected"),
  }),
  start: async () => {},
  stop: () => {},
  dieBetween: () => {
    isToDie = true;
  },
});
