import type { EngineOptions, ResetWrite } from "@waybill/queue";
import type { SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import type { Committer } from "../commit/committer.ts";
import type { HubClock, Proof } from "../hub-parts.ts";
import type { SettleWatch } from "../receipts/receipt-desk.ts";
import type { LaterWrites } from "./later-writes.ts";
import type { NextTurn } from "./next-turn.ts";
import type { RowReader } from "./row-reader.ts";
import type { Runner } from "./runner.ts";

/** The same for all runners of a hub. */
export type RunnerParts = {
  /** Durable epoch of this hub: first half of every token. */
  epoch: number;
  rows: RowReader;
  committer: Committer;
  clock: HubClock;
  proof: Proof;
  chance: () => number;
  nextTurn: NextTurn;
  laterWrites: LaterWrites;
  /** Who waits for receipts; of groups `main` only. */
  settles: SettleWatch;
  engineOptions: (row: SubscriptionRow) => EngineOptions;
  /** Resolves after the commit. */
  writeReset: (key: SubscriptionKey, write: ResetWrite) => Promise<void>;
  /** Called once, when the runner is over. */
  onOver: (runner: Runner) => void;
};
