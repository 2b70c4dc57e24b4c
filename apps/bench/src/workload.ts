import type { Supervisor } from "@waybill/testkit";
import type { Account, Plant } from "./measure/tally.ts";

/** What a run is asked for. */
export type Setting = {
  events: number;
  stores: number;
  /** Of an event's JSON. */
  bytes: number;
  plant: Plant | null;
  /** Folder for CPU profiles. */
  profile: string | undefined;
  supervisor: Supervisor;
};

/** One row of one run: who was measured (`peer`), in which situation (`at`). */
export type Row = {
  peer: string;
  at: string;
  values: Readonly<Record<string, number>>;
  /** What the consumers got of what they had to get. */
  account: Account;
  /** Broken promises that no account shows. */
  faults: readonly string[];
};

/** Where nobody consumes. */
export const noAccount: Account = { handled: 0, missing: 0, twice: 0, unknown: 0, disorder: 0 };

export type Workload = {
  name: string;
  summary: string;
  defaults: { events: number; stores: number };
  /** Whether a confirmed event is on disk. */
  durable: string;
  measures: Readonly<Record<string, { label: string; digits: number }>>;
  run(setting: Setting): Promise<Row[]>;
};

export const PEER = "waybill";
export const SYNCED = "synced before the confirm";
