/** A process of clients that know nothing of the SDK: a driver that repeats itself, and a vendor that may answer late. */
import { join } from "node:path";
import { createChance, monotonicUs, openHistory, readHistorySync } from "@waybill/testkit";
import { io } from "socket.io-client";
import { openEffects } from "./effects.ts";
import { openPlainDriver } from "./plain-driver.ts";
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
const parts = { effects, leaseMs: config.leaseMs, mustDieBetween: () => isToDie };

const vendors = config.vendors.map((seat) => openPlainVendor({ ...config, ...seat }, parts));
const drivers = config.drivers.map(({ name, token }) => {
  const chance = createChance(`${config.seed}/${name}/${life}`);
  const stores = config.vendors.flatMap((seat) => seat.stores);
  return openPlainDriver({ ...config, name, token, chance, life, stores, history });
});

/** Now and then it reaches for what is not its own: the queue of another store, and a publish in its name. */
function trespass(): void {
  const [seat] = config.vendors;
  const other = config.stores.find((store) => !seat?.stores.includes(store));
  if (!seat || !other) return;
  const socket = io(`${config.url}/vendor`, { auth: { token: seat.token }, forceNew: true });
  const judge = (what: string, reply: unknown) => {
    const isRefused = typeof reply === "object" && reply !== null && "outcome" in reply && reply.outcome === "refused";
    const record: ClientRecord = isRefused
      ? { kind: "proved", t: monotonicUs(), invariant: "I9", what: `${what} is refused` }
      : {
          kind: "broken",
          t: monotonicUs(),
          invariant: "I9",
          message: `${what} of ${other} was allowed to a vendor of ${seat.stores.join()}`,
        };
    history.write(record);
  };
  setInterval(async () => {
    if (!socket.connected) return;
    const ask = (name: string, body: object): Promise<unknown> => socket.timeout(TRESPASS_MS).emitWithAck(name, body);
    await ask("subscribe", { queue: `store/${other}` }).then(
      (reply) => judge("a subscription", reply),
      () => {},
    );
    await ask("cancelled", { store: other, parcel: "not-mine" }).then(
      (reply) => judge("a publish", reply),
      () => {},
    );
  }, TRESPASS_MS);
}
trespass();

await runWorker({
  counts: () => ({
    confirmed: drivers.reduce((sum, driver) => sum + driver.counts().confirmed, 0),
    pending: drivers.reduce((sum, driver) => sum + driver.counts().pending, 0),
    applied: effects.applied,
    active: vendors.every((vendor) => vendor.isActive()) && drivers.every((driver) => driver.isActive()),
  }),
  start: async () => {},
  stop: () => {
    for (const driver of drivers) driver.stop();
  },
  dieBetween: () => {
    isToDie = true;
  },
});
