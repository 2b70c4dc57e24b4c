/** A process of the replay: a vendor, with a socket of its own, for each of some stores, and the office that publishes for them. */
import { join } from "node:path";
import { createVendor, fileOutbox, type Vendor } from "@waybill/client";
import { isPublisherRecord, openHistory, readHistorySync } from "@waybill/testkit";
import { createGate } from "./gate.ts";
import { createPace } from "./pace.ts";
import { readPlan } from "./plan-file.ts";
import { recordOutbox } from "./recorded-outbox.ts";
import { openStoreEffects } from "./store-effects.ts";
import { createStoreOffice } from "./store-office.ts";
import { inTurn, runWorker } from "./worker.ts";
import { reconnect, vendorConfigSchema, workerConfig } from "./worker-config.ts";

const CONNECTING_AT_ONCE = 32;

const config = workerConfig(vendorConfigSchema);
const historyFile = join(config.dir, "history.jsonl");
const past = readHistorySync(historyFile).filter(isPublisherRecord);
const history = openHistory(historyFile);
const effects = openStoreEffects(join(config.dir, "effects.jsonl"));
const gate = createGate();
const stores = new Set(config.stores.map(({ id }) => id));

const outbox = recordOutbox(fileOutbox(join(config.dir, "outbox")), { producer: config.name, history, past });
const officeClient = createVendor({ url: config.url, token: config.officeToken, outbox, ...reconnect });
const office = createStoreOffice({
  client: officeClient,
  outbox,
  history,
  plan: readPlan(config.planFile)
    .map((planned, place) => ({ planned, place }))
    .filter(({ planned }) => stores.has(planned.store)),
  pace: createPace(config.pace),
  gate,
  wasApplied: effects.has,
});

const vendors: Vendor[] = [];
async function open({ token }: { token: string }): Promise<void> {
  const vendor = createVendor({ url: config.url, token, ...reconnect });
  vendors.push(vendor);
  vendor.onOther((event, delivery) => {
    if (effects.apply(delivery)) office.applied(event.id);
  });
  await vendor.start();
}

await runWorker({
  told: ({ open: places }) => gate.open(places),
  counts: () => ({ confirmed: outbox.confirmed, owed: outbox.confirmed, applied: effects.applied }),
  async start() {
    await outbox.opened;
    // Pickups are asked for while the stores still connect, as on any morning.
    void office.run();
    await inTurn(config.stores, CONNECTING_AT_ONCE, open);
  },
  async close() {
    await Promise.all([officeClient, ...vendors].map((client) => client.close({ drainMs: 1_000 })));
  },
});
