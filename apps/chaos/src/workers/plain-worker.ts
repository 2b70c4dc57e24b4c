/** A process of clients that know nothing of the SDK: a driver that repeats itself, and a vendor that may answer late. */
import { join } from "node:path";
import { createChance, monotonicUs, openHistory, readHistorySync } from "@waybill/testkit";
import { openEffects } from "./effects.ts";
import { openPlainDriver } from "./plain-driver.ts";
import { ask, connectWith } from "./plain-socket.ts";
import { openPlainVendor } from "./plain-vendor.ts";
import type { ClientRecord } from "./records.ts";
import { runWorker } from "./worker.ts";
import { readWorkerConfig } from "./worker-config.ts";

const TRESPASS_MS = 2_000;

const config = readWorkerConfig();
const historyFile = join(config.dir, "history.jsonl");
const life = readHistorySync(historyFile).filter((line) => typeof line === "object" && line !== null && "life" in line).length;
const history = openHistory(historyFile);
history.write({ life });
const effects = openEffects(config.effectsDir);
let isToDie = false;
const connect = await connectWith(config.stranger);
const parts = { connect, effects, leaseMs: config.leaseMs, mustDieBetween: () => isToDie };

const vendors = config.vendors.map((seat) => openPlainVendor({ ...config, ...seat }, parts));
const drivers = config.drivers.map(({ name, token }) => {
  const chance = createChance(`${config.seed}/${name}/${life}`);
  const stores = config.vendors.flatMap((seat) => seat.stores);
  return openPlainDriver({ ...config, connect, name, token, chance, life, stores, history });
});

type Trespass = { what: string; name: string; body: object };

/** Now and then they reach for what is not their own, and must be refused. */
function trespass(namespace: "/vendor" | "/driver", token: string, reached: readonly Trespass[]): void {
  const socket = connect(`${config.url}${namespace}`, { auth: { token }, forceNew: true });
  const judge = (what: string, reply: unknown) => {
    const isRefused = typeof reply === "object" && reply !== null && "outcome" in reply && reply.outcome === "refused";
    const record: ClientRecord = isRefused
      ? { kind: "proved", t: monotonicUs(), invariant: "I9", what: `${what} is refused` }
      : { kind: "broken", t: monotonicUs(), invariant: "I9", message: `${what} was allowed` };
    history.write(record);
  };
  setInterval(async () => {
    if (!socket.connected) return;
    for (const { what, name, body } of reached) {
      const reply = await ask(socket, { name, body, answerMs: TRESPASS_MS });
      if (reply !== null) judge(what, reply);
    }
  }, TRESPASS_MS);
}

const [seat] = config.vendors;
const [driver] = config.drivers;
const other = config.stores.find((store) => !seat?.stores.includes(store));
if (seat && driver && other) {
  trespass("/vendor", seat.token, [
    { what: "a subscription to another store", name: "subscribe", body: { queue: `store/${other}` } },
    { what: "a publish for another store", name: "cancelled", body: { store: other, parcel: "not-mine" } },
  ]);
  trespass("/driver", driver.token, [
    { what: "a subscription to another driver", name: "subscribe", body: { queue: "driver/somebody-else" } },
    { what: "a driver's subscription to a store", name: "subscribe", body: { queue: `store/${other}` } },
    { what: "a store's event by a driver", name: "cancelled", body: { store: other, parcel: "not-mine" } },
  ]);
}

await runWorker({
  counts: () => ({
    confirmed: drivers.reduce((sum, driver) => sum + driver.counts().confirmed, 0),
    pending: drivers.reduce((sum, driver) => sum + driver.counts().pending, 0),
    applied: effects.applied,
    active: vendors.every((vendor) => vendor.isActive()) && drivers.every((driver) => driver.isActive()),
    connected: vendors.every((vendor) => vendor.isConnected()) && drivers.every((driver) => driver.isConnected()),
  }),
  start: async () => {},
  stop: () => {
    for (const driver of drivers) driver.stop();
  },
  dieBetween: () => {
    isToDie = true;
  },
});
