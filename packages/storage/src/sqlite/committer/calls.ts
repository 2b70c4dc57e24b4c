/** The small writes, and what only the committer knows. Each runs within its group's transaction. */
import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { StorageStats } from "../../port.ts";
import { int } from "../columns.ts";
import { fileOf } from "../database.ts";
import type { GroupCall, ReplyValue } from "../protocol.ts";
import { Meta } from "./meta.ts";
import type { State } from "./state.ts";

export type CallParts = { db: DatabaseSync; state: State; folder: string; walBytes: number; ballastReleased: boolean };

/** These ride along with the next commit. */
export const lazyMethods: ReadonlySet<string> = new Set<GroupCall["method"]>(["saveTime", "audit", "stats", "lanes"]);

export function runCall(parts: CallParts, call: GroupCall): ReplyValue {
  const { db, state } = parts;
  switch (call.method) {
    case "registerProducer":
      return state.producers.register(call.tenant, call.producer, call.incarnation);
    case "createSubscription":
      return state.groups.create(call, call);
    case "setTypes":
      state.groups.setTypes(call, call.types);
      return null;
    case "setPolicy":
      state.groups.setPolicy(call, call.policy);
      return null;
    case "resetSubscription":
      return state.groups.reset(call, call.write);
    case "deleteSubscription":
      return state.groups.remove(call);
    case "addNames": {
      const insert = db.prepare("INSERT OR IGNORE INTO name VALUES (?, ?, ?)");
      return call.ids.reduce((added, id) => added + Number(insert.run(call.tenant, call.kind, id).changes), 0);
    }
    case "putBlob":
      db.prepare("INSERT OR REPLACE INTO blob VALUES (?, ?, ?)").run(call.tenant, call.sha256, call.bytes);
      return null;
    case "audit": {
      const insert = db.prepare("INSERT INTO audit (at_ms, tenant, by, action, detail) VALUES (?, ?, ?, ?, ?)");
      insert.run(state.appender.lastMs, call.tenant, call.by, call.action, call.detail);
      return null;
    }
    case "saveTime":
      new Meta(db).saveTime(call.nowMs, call.wallMs);
      return null;
    case "lanes":
      return call.places.map((place) => state.lanes.get(place, call.producer).number);
    case "stats":
      return stats(parts);
  }
}

function stats({ db, state, folder, walBytes, ballastReleased }: CallParts): StorageStats {
  const one = (sql: string): number => int(db.prepare(sql).get() ?? {}, "n");
  const tailEvents = state.index.events;
  return {
    events: one("SELECT ifnull(sum(events), 0) AS n FROM segment") + tailEvents,
    queues: state.heads.queues,
    tailEvents,
    segments: one("SELECT count(*) AS n FROM segment"),
    walBytes,
    fileBytes: statSync(fileOf(folder)).size,
    ballastReleased,
  };
}
