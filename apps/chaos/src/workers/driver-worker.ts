/** A process with some drivers, each with a socket and an outbox file of its own, that publish as fast as they are told. */
import { join } from "node:path";
import { createDriver, type Driver, fileOutbox } from "@waybill/client";
import { HubError } from "@waybill/events";
import { createChance, monotonicUs, openHistory, readHistorySync } from "@waybill/testkit";
import { outboxWithBug } from "../bugs/outbox-with-bug.ts";
import { outboxFile, recordOutbox } from "./recorded-outbox.ts";
import { type ClientRecord, isClientRecord } from "./records.ts";
import { runWorker } from "./worker.ts";
import { readWorkerConfig, reconnect } from "./worker-config.ts";
import { createWorkload } from "./workload.ts";

/** Events of one driver without an answer: while the hub is away its outbox fills, and empties at once when it is back. */
const PENDING_MAX = 2_000;
const TICK_MS = 20;

const config = readWorkerConfig();
const historyFile = join(config.dir, "history.jsonl");
const past = readHistorySync(historyFile);
const history = openHistory(historyFile);
const write = (record: ClientRecord) => history.write(record);
/** Each life leaves one line: parcels of another life have other names. */
const life = past.filter((line) => typeof line === "object" && line !== null && "life" in line).length;
history.write({ life });
let confirmed = past.filter((line) => isClientRecord(line) && line.kind === "answer" && line.offset === 0).length;
let isStopped = false;

function open({ name, token }: { name: string; token: string }): Driver {
  const inner = outboxWithBug(config.bug, fileOutbox(outboxFile(config.dir, name)));
  const outbox = recordOutbox(inner, { history, confirmed: () => void confirmed++ });
  const driver = createDriver({ url: config.url, token, outbox, ...reconnect });
  driver.listen("hub-lost", ({ lanes }) => {
    const gone = lanes.map(({ queue, hubHas, confirmedTo }) => `${queue} ${hubHas + 1} to ${confirmedTo}`).join(", ");
    write({ kind: "broken", t: monotonicUs(), invariant: "I1", message: `the hub no longer has what it confirmed: ${gone}` });
  });
  driver.listen("outbox", ({ kind, message }) => {
    write({ kind: "broken", t: monotonicUs(), invariant: "I10", message: `${kind}: ${message}` });
  });
  publishFor(driver, name);
  return driver;
}

function publishFor(driver: Driver, producer: string): void {
  const chance = createChance(`${config.seed}/${producer}/${life}`);
  const workload = createWorkload({ ...config, producer, life, chance });
  const perTick = (config.rate / config.drivers.length / 1_000) * TICK_MS;
  let due = 0;
  setInterval(() => {
    due = Math.min(due + perTick, PENDING_MAX);
    if (isStopped) due = 0;
    for (; due >= 1 && driver.outbox.pending < PENDING_MAX; due--) {
      driver.publish(workload.next(Date.now() - config.startedAtMs)).then(
        (published) => {
          if (published.outcome !== "outbox") write({ kind: "answer", t: monotonicUs(), ...published });
        },
        (error: unknown) => {
          // Refused for good is in the history already; a full disk or outbox has not taken it: it was never published.
          if (!(error instanceof HubError)) throw error;
        },
      );
    }
  }, TICK_MS);
}

const drivers = config.drivers.map(open);

await runWorker({
  counts: () => ({
    confirmed,
    pending: drivers.reduce((sum, { outbox }) => sum + outbox.pending, 0),
    applied: 0,
    active: drivers.every(({ status }) => status !== "closed"),
    connected: drivers.every(({ status }) => status === "connected"),
  }),
  // Ready or not, they go on trying: the hub may be away just now.
  start: async () => {},
  stop: () => {
    isStopped = true;
  },
});
