import { randomUUID } from "node:crypto";
import type { MemoryTenant } from "./memory-state.ts";

const dayMs = 86_400_000;

/** What outlives one opening of the storage in memory: handed to the next, it goes on from there, as a data folder would. */
export type MemoryDisk = {
  readonly storageId: string;
  readonly tenants: Map<string, MemoryTenant>;
  /** Of the latest opening; an earlier one can do nothing any more. */
  epoch: number;
  /** The highest of all groups that were deleted. */
  deletedGeneration: number;
  /** Hub time that was saved last, and the wall clock's reading by then. */
  saved: { hubTimeMs: number; wallMs: number } | null;
};

export function createMemoryDisk(): MemoryDisk {
  return { storageId: randomUUID(), tenants: new Map(), epoch: 0, deletedGeneration: 0, saved: null };
}

/** Saved time, advanced by the wall clock's gap, clamped to 0 … 24 h. */
export function hubTimeOf({ saved }: MemoryDisk, wallMs: number): number {
  if (saved === null) return wallMs;
  return saved.hubTimeMs + Math.min(dayMs, Math.max(0, wallMs - saved.wallMs));
}
