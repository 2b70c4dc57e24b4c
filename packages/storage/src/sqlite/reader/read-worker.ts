/** The reader's thread: a connection of its own, so that catching up does not stop the confirm path. */
import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { openSide } from "../database.ts";
import { failureOf } from "../failures.ts";
import type { FromReader, ReadAnswers, ReadCall, ToReader } from "../protocol.ts";
import { EventReads } from "./event-reads.ts";
import { NameReads } from "./name-reads.ts";
import { QueueList } from "./queue-list.ts";
import { SortedPlaces } from "./sorted-places.ts";
import { SubscriptionReads } from "./subscription-reads.ts";

const cacheBytes = 8_388_608;
const port = parentPort;
if (port === null) throw new Error("read-worker.ts runs as a worker");

type Parts = { db: DatabaseSync; events: EventReads; subscriptions: SubscriptionReads; queues: QueueList; names: NameReads };
/** Opened at the first call: this thread starts beside the committer, who may have to make the file first. */
let parts: Parts | null = null;

function open(): Parts {
  const db = openSide(workerData, cacheBytes);
  const events = new EventReads(db);
  const places = new SortedPlaces(events.index);
  return {
    db,
    events,
    subscriptions: new SubscriptionReads(db, events, places),
    queues: new QueueList(db, events, places),
    names: new NameReads(db),
  };
}

function answer({ events, subscriptions, queues, names }: Parts, call: ReadCall): ReadAnswers[keyof ReadAnswers] {
  switch (call.method) {
    case "read":
      return events.read(call.place, call.from, call);
    case "readOffsets":
      return events.readOffsets(call.place, call.offsets);
    case "offsetAt":
      return events.offsetAt(call.place, call.atMs);
    case "subscription":
      return subscriptions.subscription(call.key);
    case "parkedChunk":
      return subscriptions.parkedChunk(call.key, call.orderKey, call.first);
    case "countKept":
      return subscriptions.countKept(call.key, call);
    case "deadLetters":
      return subscriptions.deadLetters(call.key, call.after, call.limit);
    case "subscriptions":
      return subscriptions.subscriptions(call.tenant, call.after, call.limit);
    case "queues":
      return queues.page(call);
    case "groups":
      return queues.groups(call.place);
    case "claims":
      return names.claims(call.tenant, call.parcels);
    case "listClaims":
      return names.listClaims(call);
    case "names":
      return names.names(call);
    case "hasNames":
      return names.hasNames(call.tenant, call.kind, call.ids);
    case "blob":
      return names.blob(call.tenant, call.sha256);
  }
}

/** After any error the connection and all that was derived from it are made anew: half of a tail must not be believed. */
function forget(): void {
  parts?.db.close();
  parts = null;
}

function run(call: ReadCall): ReadAnswers[keyof ReadAnswers] {
  parts ??= open();
  const { db, events } = parts;
  db.exec("BEGIN");
  try {
    events.follow();
    return answer(parts, call);
  } finally {
    if (db.isTransaction) db.exec("COMMIT");
  }
}

port.on("message", (message: ToReader | "close") => {
  if (message === "close") {
    forget();
    port.close();
    return;
  }
  let reply: FromReader;
  try {
    reply = { id: message.id, value: run(message.call) };
  } catch (error) {
    reply = { id: message.id, failure: failureOf(error) };
    forget();
  }
  port.postMessage(reply, transferable(reply));
});

function transferable(reply: FromReader): ArrayBuffer[] {
  const value = "value" in reply ? reply.value : null;
  if (value === null || typeof value !== "object" || !("parts" in value)) return [];
  return value.parts.flatMap(({ bytes }) => (bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []));
}
