/**
 * A data folder made of a backup, while no hub runs on either. What was confirmed after the backup is lost in it, so it
 * must not pass for the folder that the backup was made of:
 *
 * - It gets a `storageId` of its own: outboxes and consumers notice, and report what is gone (`HUB_LOST`).
 * - Its epoch and its generations jump beyond all that the lost time may have used. New events take the offsets of lost
 *   ones, and whoever remembers (generation, offset) or compares tokens (epoch, counter) must never mistake one for the other.
 *
 * The database gets its name last: killed at any step, there is a whole folder or none.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HubError } from "@waybill/events";
import { Meta } from "./committer/meta.ts";
import { type DataLock, lockData } from "./data-lock.ts";
import { failureOf } from "./failures.ts";
import { partOf, placeWhole, removePart } from "./place-whole.ts";
import { refuseTarget } from "./target-folder.ts";
import { type OfflineFolder, openOffline } from "./verify/offline-folder.ts";
import { type VerifyReport, verifyOpened } from "./verify/verify-folder.ts";

export type RestoreOptions = {
  /** A backup, or a data folder that no hub holds. It is not changed. */
  from: string;
  /** An empty folder, or one that is not there yet. */
  to: string;
  /** The wall clock now. */
  wallMs?: number;
};
export type Restored = {
  storageId: string;
  /** The first opening raises it by one. */
  epoch: number;
  /** No subscription has a lower one. */
  generation: number;
  /** What was found in the backup. */
  backup: VerifyReport;
};

/** At the least. A hub that is started every second for eleven days does not use up so many epochs, nor resets so many generations. */
const restoreJump = 1_000_000;

/**
 * Beyond whatever was counted since the backup. The wall clock tells two restores of one backup apart: nothing raises an
 * epoch or a generation a thousand times a second.
 */
export const jumpedFrom = (before: number, wallMs: number): number => Math.max(before + restoreJump, wallMs);

/**
 * Throws DATA_DAMAGED (the backup is not whole; `issues` has what `verify` found), DATA_HELD (a hub holds one of them), DATA_EXISTS
 * (the target is not empty), DATA_UNFINISHED (a restore into it was broken off), DATA_TOO_NEW, STORAGE_FULL or STORAGE_FAILED.
 */
export function restoreFolder({ from, to, wallMs = Date.now() }: RestoreOptions): Restored {
  const target = resolve(to);
  refuseTarget(target);
  const source = openOffline(from);
  try {
    const backup = verifyOpened(source);
    refuseFindings(resolve(from), backup);
    return { ...copyInto(target, source, wallMs), backup };
  } finally {
    source.close();
  }
}

function refuseFindings(from: string, { findings, findingsCount }: VerifyReport): void {
  if (findingsCount === 0) return;
  throw new HubError(
    "DATA_DAMAGED",
    `The backup in ${from} is not whole: ${findingsCount} faults were found. Nothing was restored; take another backup.`,
    {
      issues: findings.map(({ check, where, what }) => ({ path: `${check}: ${where}`, message: what })),
    },
  );
}

function copyInto(target: string, source: OfflineFolder, wallMs: number): Omit<Restored, "backup"> {
  let lock: DataLock | null = null;
  try {
    mkdirSync(target, { recursive: true });
    lock = lockData(target);
    refuseTarget(target, true);
    source.db.prepare("VACUUM INTO ?").run(partOf(target));
    const restored = makeAnother(target, wallMs);
    placeWhole(target);
    return restored;
  } catch (error) {
    if (error instanceof HubError) throw error;
    removePart(target);
    const { code, message } = failureOf(error);
    throw new HubError(code, `${target} was not restored: ${message}`, { cause: error });
  } finally {
    lock?.release();
  }
}

/** Nobody who knew the backup's folder takes this one for it. */
function makeAnother(target: string, wallMs: number): Omit<Restored, "backup"> {
  const db = new DatabaseSync(partOf(target));
  try {
    db.exec("PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; BEGIN IMMEDIATE");
    const meta = new Meta(db);
    const restored = {
      storageId: randomUUID(),
      epoch: jumpedFrom(meta.epoch(), wallMs),
      generation: jumpedFrom(meta.latestGeneration(), wallMs),
    };
    meta.become(restored);
    db.exec("COMMIT");
    return restored;
  } finally {
    db.close();
  }
}
