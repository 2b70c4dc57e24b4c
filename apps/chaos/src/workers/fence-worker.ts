/** A process that speaks frames without the SDK: a producer that confuses its numbers, and consumers that speak out of turn. */
import { join } from "node:path";
import { createChance, openHistory, readHistorySync } from "@waybill/testkit";
import { openBareProducer } from "./bare-producer.ts";
import { openEffects } from "./effects.ts";
import { openStaleOwner } from "./stale-owner.ts";
import { runWorker } from "./worker.ts";
import { readWorkerConfig } from "./worker-config.ts";

const config = readWorkerConfig();
const historyFile = join(config.dir, "history.jsonl");
const life = readHistorySync(historyFile).filter((line) => typeof line === "object" && line !== null && "life" in line).length;
const history = openHistory(historyFile);
history.write({ life });
const effects = openEffects(config.effectsDir);

/** A test of a stale owner takes longer than a lease, and there is one at a time: each store has sockets and tests of its own. */
const consumers = config.stores.map((store) =>
  openStaleOwner({ ...config, seats: config.vendors.map((seat) => ({ ...seat, stores: [store] })), effects, history }),
);
const producers = config.drivers.flatMap((driver) =>
  config.stores.map((store, index) => {
    const name = `${driver.name}.${index}`;
    const chance = createChance(`${config.seed}/${name}/${life}`);
    const rate = config.rate / config.stores.length;
    return openBareProducer({ ...config, name, token: driver.token, store, rate, chance, life, history });
  }),
);

await runWorker({
  counts: () => ({
    confirmed: producers.reduce((sum, producer) => sum + producer.counts().confirmed, 0),
    pending: producers.reduce((sum, producer) => sum + producer.counts().pending, 0),
    applied: effects.applied,
    connected: consumers.every((consumer) => consumer.isConnected()) && producers.every((producer) => producer.isConnected()),
    active: consumers.every((consumer) => consumer.isActive()) && producers.every((producer) => producer.isActive()),
  }),
  start: async () => {},
  stop: () => {
    for (const consumer of consumers) consumer.stop();
    for (const producer of producers) producer.stop();
  },
});
