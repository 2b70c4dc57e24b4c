/** A process of the old parcel service, docs/old-clients.md: a store and a driver of one store, on the hub's port for old clients. */
import { join } from "node:path";
import { createChance, openHistory, readHistorySync } from "@waybill/testkit";
import { openOldDriver } from "./old-driver.ts";
import { oldRecordsIn } from "./old-records.ts";
import { openOldStore } from "./old-store.ts";
import { connectWith } from "./plain-socket.ts";
import { runWorker } from "./worker.ts";
import { readWorkerConfig } from "./worker-config.ts";

const config = readWorkerConfig();
const [store = ""] = config.stores;
const historyFile = join(config.dir, "history.jsonl");
const lines = readHistorySync(historyFile);
const life = lines.filter((line) => typeof line === "object" && line !== null && "life" in line).length;
const past = [...oldRecordsIn(lines)];
const history = openHistory(historyFile);
history.write({ life });

const connect = await connectWith(config.stranger);
const open = () => connect(`${config.url}/caps`, { forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 1_000 });
const sockets = { store: open(), driver: open() };
const chance = createChance(`${config.seed}/${config.name}/${life}`);
const orders = openOldStore({ socket: sockets.store, store, rate: config.rate, chance, life, past, history });
const jobs = openOldDriver({ socket: sockets.driver, store, past, history });

await runWorker({
  counts: () => ({
    ...orders.counts(),
    pending: orders.counts().pending + jobs.pending(),
    active: sockets.store.active && sockets.driver.active,
    connected: sockets.store.connected && sockets.driver.connected,
  }),
  start: async () => {},
  stop: () => orders.stop(),
});
