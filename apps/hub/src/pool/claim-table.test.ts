import { type Claim, noClaim } from "@waybill/events";
import { type AppendItem, openMemoryStorage } from "@waybill/storage";
import { expect, test } from "vitest";
import { createClaimTable } from "./claim-table.ts";

const free: Claim = { state: "free", epoch: 1, store: "s1", zone: "z1", sinceMs: 0 };
const taken: Claim = { ...free, state: "taken", epoch: 2, driver: "d1" };

const item = (type: AppendItem["type"], next: Claim, copies: AppendItem["copies"] = []): AppendItem => ({
  tenant: "default",
  from: { kind: "hub" },
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
