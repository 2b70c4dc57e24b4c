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

const consumers = openStaleOwner({ ...config, seats: config.vendors, effects, history });
const producers = config.drivers.map(({ name, token }) => {
  const chance = createChance(`${config.seed}/${name}/${life}`);
  return openBareProducer({ ...config, name, token, store: config.stores[0] ?? "", chance, life, history });
});

await runWorker({
  counts: () => ({
    confirmed: producers.reduce((sum, producer) => sum + producer.counts().confirmed, 0),
    pending: producers.reduce((sum, producer) => sum + producer.counts().pending, 0),
    applied: effects.applied,
    connected: consumers.isConnected() && producers.every((producer) => producer.isConnected()),
    active: consumers.isActive() && producers.every((producer) => producer.isActive()),
  }),
  start: async () => {},
  stop: () => {
    consumers.stop();
    for (const producer of producers) producer.stop();
  },
});
