import type { Supervisor } from "@waybill/testkit";
import type { Axes } from "./load/axes.ts";
import type { Profiling } from "./measure/profiling.ts";
import type { Account, Plant } from "./measure/tally.ts";
import type { Peer } from "./peers/peer.ts";

/** What a run is asked for. */
export type Setting = {
  events: number;
  stores: number;
  /** Of an event's JSON. */
  bytes: number;
  plant: Plant | null;
  /** What `growth` varies, and how fast it publishes. */
  axes: Axes;
  rate: number;
  profile: Profiling | undefined;
  supervisor: Supervisor;
  /** Who is measured, one after the other. */
  peers: readonly Peer[];
  /** Fires when the bench is asked to stop. */
  signal: AbortSignal;
  /** How far it is, for people. */
  say: (text: string) => void;
};

/** One row of one run: who was measured (`peer`), in which situation (`at`). */
export type Row = {
  peer: string;
  at: string;
  /** Where an event is when its publish is confirmed. */
  durable: string;
  values: Readonly<Record<string, number>>;
  /** What the consumers got of what they had to get. */
  account: Account;
  /** Broken promises that no account shows. */
  faults: readonly string[];
};

/** What a run on one peer tells. */
export type Measures = Pick<Row, "values" | "account" | "faults">;

/** Where nobody consumes. */
export const noAccount: Account = { handled: 0, missing: 0, twice: 0, unknown: 0, disorder: 0 };

export type Workload = {
  name: string;
  summary: string;
  defaults: { events: number; stores: number };
  /** Which peers it can be measured on, beside each other. Without one it is Waybill's alone. */
  fits?(peer: Peer): boolean;
  measures: Readonly<Record<string, { label: string; digits: number }>>;
  run(setting: Setting): Promise<Row[]>;
};

/** For rows of workloads that are Waybill's alone. */
export const WAYBILL = { peer: "waybill", durable: "on disk" } as const;
