/** A process of the replay: some drivers, each with a socket and an outbox file of its own. */
import { join } from "node:path";
import { createDriver, type Driver, fileOutbox } from "@waybill/client";
import { createChance, isPublisherRecord, openHistory, readHistorySync } from "@waybill/testkit";
import { createDriverRound, type DriverRound } from "./driver-round.ts";
import { createPace } from "./pace.ts";
import { readPlan } from "./plan-file.ts";
import { type RecordedOutbox, recordOutbox } from "./recorded-outbox.ts";
import { inTurn, runWorker } from "./worker.ts";
import { type DriverConfig, driverConfigSchema, reconnect, workerConfig } from "./worker-config.ts";

/** Jobs that a driver looks at or takes at once. */
const AT_ONCE = 16;
/** A take whose answer was lost with its connection: the hub is asked now and then what this driver holds. */
const ASK_AGAIN_MS = 5_000;
const HANDED_BACK_IN_A_RACE = 0.1;

const config = workerConfig(driverConfigSchema);
const historyFile = join(config.dir, "history.jsonl");
const past = readHistorySync(historyFile).filter(isPublisherRecord);
const history = openHistory(historyFile);
const plan = readPlan(config.planFile);
const byParcel = new Map(plan.map((planned) => [planned.parcel, planned]));
const pace = createPace(config.pace);
const chance = createChance(config.seed);
/** All drivers of a race run along the same list, so that they meet. */
const course = config.race ? chance.split("course").shuffle(plan) : [];

type OnDuty = { client: Driver; outbox: RecordedOutbox; round: DriverRound };
const onDuty: OnDuty[] = [];

async function open({ id, token, zones }: DriverConfig["drivers"][number]): Promise<void> {
  const outbox = recordOutbox(fileOutbox(join(config.dir, `outbox-${id}`)), { producer: id, history, past });
  const client = createDriver({ url: config.url, token, outbox, ...reconnect });
  const handback = { probability: config.race ? HANDED_BACK_IN_A_RACE : 0, chance: chance.split(`${id}/${past.length}`) };
  const round = createDriverRound({ driver: id, client, outbox, history, past, plan: byParcel, pace, handback });
  onDuty.push({ client, outbox, round });
  setInterval(() => round.resume().catch(() => undefined), ASK_AGAIN_MS);
  client.listen("status", (status) => {
    if (status === "connected") round.resume().catch(() => undefined); // The next connection asks again.
  });
  await client.ready();
  for (const zone of zones) await client.offers(zone, round.offered, { atOnce: AT_ONCE });
  void inTurn(course, AT_ONCE, round.goFor);
}

await runWorker({
  counts() {
    const confirmed = onDuty.reduce((sum, { outbox }) => sum + outbox.confirmed, 0);
    return { confirmed, owed: confirmed + onDuty.reduce((sum, { round }) => sum + round.claims, 0), applied: 0 };
  },
  start: () => inTurn(config.drivers, config.drivers.length, open),
  async close() {
    await Promise.all(onDuty.map(({ client }) => client.close({ drainMs: 1_000 })));
  },
});
