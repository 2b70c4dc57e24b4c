/** A program of the demo: two shops that ask for a pickup now and then, and stop asking while too many parcels wait for a driver. */
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createVendor, fileOutbox, HubError } from "@waybill/client";
import { createChance } from "@waybill/testkit";
import { openOrderBook } from "./order-book.ts";
import { shopsConfigSchema } from "./shops-config.ts";

const WAITING_MAX = 6;
/** Reads what becomes of the parcels; `main` is left to whoever joins as the store. */
const GROUP = "shops";

const { url, token, dir, stores, zones, everyMs, seed } = shopsConfigSchema.parse(JSON.parse(process.argv[2] ?? "null"));
const stop = new AbortController();
const stopped = once(process, "SIGTERM").then(() => stop.abort());
process.stdin.resume().on("end", () => process.exit(1));

const say = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const book = openOrderBook(join(dir, "orders.jsonl"), { stores, zones, seed });
const shops = createVendor({ url, token, outbox: fileOutbox(join(dir, "outbox")), reconnectMs: 200, reconnectMsMax: 2_000 });

const waiting = new Set<string>();
shops.on("ready", ({ parcel }) => waiting.add(parcel));
shops.on("released", ({ parcel }) => waiting.add(parcel));
for (const type of ["claimed", "cancelled"] as const) shops.on(type, ({ parcel }) => waiting.delete(parcel));
shops.onOther(() => undefined);

async function ask(): Promise<void> {
  const { id, parcel, store, zone, address, items } = book.next();
  const { outcome } = await shops.publish({ type: "ready", id, parcel, store, data: { zone, address, items } }, { withinMs: 2_000 });
  say({ what: "ready", parcel, store, zone, outcome });
}

async function askOnAndOn(): Promise<void> {
  const chance = createChance(`${seed}/shops`);
  while (!stop.signal.aborted) {
    if (waiting.size < WAITING_MAX) await ask();
    await sleep(everyMs * (0.5 + chance.next()), undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

const queues = stores.map((store) => `store/${store}`);
await shops.start({ queues, group: GROUP, from: "start" });
say({ msg: "ready" });
await askOnAndOn().catch((error: unknown) => {
  if (!(error instanceof HubError && error.code === "CLOSED")) throw error;
});
await stopped;
await shops.close({ drainMs: 2_000 });
book.close();
process.exit(0);
