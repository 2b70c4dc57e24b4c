import { type Claim, noClaim } from "@waybill/events";
import { type AppendItem, openMemoryStorage } from "@waybill/storage";
import { describe, expect, test } from "vitest";
import { createClaimTable } from "./claim-table.ts";

const free: Claim = { state: "free", epoch: 1, store: "s1", zone: "z1", sinceMs: 0 };
const taken: Claim = { ...free, state: "taken", epoch: 2, driver: "d1" };

const item = (type: AppendItem["type"], next: Claim, copies: AppendItem["copies"] = []): AppendItem => ({
  tenant: "default",
  from: { kind: "hub" },
  number: 0,
  home: "store/s1",
  id: `${type} ${next.epoch}`,
  type,
  parcel: "p1",
  body: new Uint8Array(),
  copies,
  claim: { expectEpoch: next.epoch - 1, next },
});

test("a job leaves its pool also when a repeat about its parcel was answered while the claim was written", async () => {
  const claims = createClaimTable(await openMemoryStorage());
  await claims.load("default", ["p1"]);
  expect(claims.expected("default", "p1")).toEqual(noClaim);
  const ready = item("ready", free, [{ queue: "zone/z1" }]);
  const stored = { outcome: "stored", offset: 1, recordedAtMs: 0, copyOffsets: [7] } as const;
  claims.writing("default", "p1", free);
  claims.settled(ready, stored);
  claims.writing("default", "p1", free); // The repeat: by a guess, since it came before the first was stored.
  claims.writing("default", "p1", taken);
  expect(claims.settled(ready, { outcome: "duplicate", offset: 1 })).toBeNull();
  expect(claims.isGuess("default", "p1")).toBe(true);
  const left = claims.settled(item("claimed", taken), { ...stored, offset: 2, copyOffsets: [] });
  expect(left).toEqual({ zone: "z1", poolOffset: 7 });
  expect(claims.expected("default", "p1")).toEqual(taken);
});

test("what is remembered is not asked for, and nobody has to wait for it", async () => {
  const claims = createClaimTable(await openMemoryStorage());
  await claims.load("default", ["p1", "p1"]);
  expect(claims.load("default", ["p1"])).toBeNull();
  expect(claims.load("default", ["p1", "p2"])).not.toBeNull();
});

describe("while writes about a parcel are under way, what is decided is known as a guess", () => {
  const picked: Claim = { ...free, state: "picked-up", epoch: 2, driver: "d2" };
  const nothing = { claim: noClaim, readyOffset: 0, poolOffset: 0 };

  test("also when the first of them failed, and when one behind it is answered that the claim is another", async () => {
    const claims = createClaimTable(await openMemoryStorage());
    await claims.load("default", ["p1"]);
    claims.writing("default", "p1", free);
    claims.writing("default", "p1", picked);
    claims.failed(item("ready", free));
    expect([claims.expected("default", "p1"), claims.isGuess("default", "p1")]).toEqual([noClaim, true]);
    // It is sent again before the answer to the pickup, which stood on the one that failed.
    claims.writing("default", "p1", free);
    claims.settled(item("pickup", picked), { outcome: "claim-moved", claim: nothing });
    expect([claims.expected("default", "p1"), claims.isGuess("default", "p1")]).toEqual([noClaim, true]);
    claims.settled(item("ready", free, [{ queue: "zone/z1" }]), { outcome: "stored", offset: 1, recordedAtMs: 0, copyOffsets: [7] });
    expect([claims.expected("default", "p1"), claims.isGuess("default", "p1")]).toEqual([free, false]);
  });

  test("and when none is left, what the storage said last is what is expected", async () => {
    const claims = createClaimTable(await openMemoryStorage());
    await claims.load("default", ["p1"]);
    claims.writing("default", "p1", free);
    claims.settled(item("ready", free), { outcome: "claim-moved", claim: { ...nothing, claim: taken } });
    expect([claims.expected("default", "p1"), claims.isGuess("default", "p1")]).toEqual([taken, false]);
    claims.writing("default", "p1", picked);
    claims.failed(item("pickup", picked));
    expect(claims.isGuess("default", "p1")).toBe(false);
  });
});
