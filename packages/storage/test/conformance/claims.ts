import { type Claim, noClaim } from "@waybill/events";
import { describe, expect, test } from "vitest";
import type { AppendItem } from "../../src/port.ts";
import type { Suite } from "./harness.ts";
import { append, byHub, numbered, outcomesOf, plain, range, readAll, tenant } from "./items.ts";

const free = (epoch: number): Claim => ({ state: "free", epoch, store: "acme", zone: "north", sinceMs: 7 });
const taken = (epoch: number, driver: string): Claim => ({ state: "taken", epoch, store: "acme", zone: "north", sinceMs: 8, driver });
const ready = (parcel: string) =>
  byHub(`ready-${parcel}`, { parcel, type: "ready", copies: [{ queue: "zone/north" }], claim: { expectEpoch: 0, next: free(1) } });
const take = (parcel: string, driver: string) =>
  byHub(`claimed-${parcel}-${driver}`, { parcel, type: "claimed", claim: { expectEpoch: 1, next: taken(2, driver) } });

export function claimSuite(suite: Suite): void {
  describe("claims", () => {
    test("[P8] the first who names the right epoch gets the claim, also within one commit; the loser stores nothing", async () => {
      const { storage, reopen } = await suite.open();
      await append(storage, [ready("p1")]);
      const outcomes = await append(storage, [take("p1", "ann"), take("p1", "bob")]);
      const now = suite.durable ? await reopen() : storage;
      const held = { claim: taken(2, "ann"), readyOffset: 1, poolOffset: 1 };
      expect(outcomes).toEqual([expect.objectContaining({ outcome: "stored", offset: 2 }), { outcome: "claim-moved", claim: held }]);
      expect(await now.claims(tenant, ["p1", "p2"])).toEqual([held, { claim: noClaim, readyOffset: 0, poolOffset: 0 }]);
      expect((await readAll(now, "store/acme")).map(({ type }) => type)).toEqual(["ready", "claimed"]);
      expect(await append(now, [take("p1", "cid")])).toEqual([{ outcome: "claim-moved", claim: held }]);
    });

    test("[P6] [P7] [P8] with an epoch that no claim has, an item only asks whether it was seen before, and appends nothing", async () => {
      const { storage } = await suite.open();
      const claim = { expectEpoch: Number.MAX_SAFE_INTEGER, next: noClaim };
      await append(storage, [numbered(1), plain("x1")]);
      const ask = async (item: AppendItem) => (await append(storage, [item]))[0]?.outcome;
      expect([await ask(numbered(1, { claim })), await ask(plain("x1", { claim }))]).toEqual(["duplicate", "duplicate"]);
      expect(await ask(numbered(1, { claim, id: "impostor" }))).toBe("reused");
      const unseen = [numbered(2, { claim }), plain("x2", { claim }), byHub("h1", { claim })];
      for (const item of unseen) expect(await ask(item)).toBe("claim-moved");
      expect(await readAll(storage, "store/acme")).toHaveLength(2);
      expect(outcomesOf(await append(storage, [numbered(2), plain("x2")]))).toEqual(["stored", "stored"]);
    });

    test("[P8] a claim that is named and left as it is guards its event, and stays what it was", async () => {
      const { storage, reopen } = await suite.open();
      await append(storage, [ready("p1")]);
      const again = (id: string, epoch: number) =>
        byHub(id, { parcel: "p1", type: "ready", claim: { expectEpoch: epoch, next: free(epoch) } });
      const outcomes = await append(storage, [again("ready-2", 1), again("ready-3", 2)]);
      const now = suite.durable ? await reopen() : storage;
      const kept = { claim: free(1), readyOffset: 1, poolOffset: 1 };
      expect(outcomes).toEqual([expect.objectContaining({ outcome: "stored", offset: 2 }), { outcome: "claim-moved", claim: kept }]);
      expect(await now.claims(tenant, ["p1"])).toEqual([kept]);
    });

    test("[P8] a new copy in the pool moves the claim's place there, and leaves the event that asked", async () => {
      const { storage } = await suite.open();
      await append(storage, [ready("p0"), ready("p1"), take("p1", "ann")]);
      const event = { id: "ready-p1", type: "ready", homeOffset: 2, body: new Uint8Array(3) };
      await append(storage, [
        byHub("back", {
          parcel: "p1",
          type: "released",
          copies: [{ queue: "zone/north", event }],
          claim: { expectEpoch: 2, next: free(3) },
        }),
      ]);
      expect(await storage.claims(tenant, ["p1"])).toEqual([{ claim: free(3), readyOffset: 2, poolOffset: 3 }]);
    });

    test("claims are listed by state and driver, by parcel, in pages", async () => {
      const { storage } = await suite.open();
      await append(
        storage,
        range(10, 19).map((n) => ready(`p${n}`)),
      );
      await append(storage, [take("p11", "ann"), take("p13", "bob"), take("p15", "ann")]);
      const list = async (filter: { state: "free" | "taken"; driver?: string }, after: string, limit: number) => {
        const { rows, more } = await storage.listClaims(tenant, filter, after, limit);
        return [rows.map(({ parcel }) => parcel), more];
      };
      expect(await list({ state: "free" }, "", 4)).toEqual([["p10", "p12", "p14", "p16"], true]);
      expect(await list({ state: "free" }, "p16", 4)).toEqual([["p17", "p18", "p19"], false]);
      expect(await list({ state: "taken" }, "", 10)).toEqual([["p11", "p13", "p15"], false]);
      expect(await list({ state: "taken", driver: "ann" }, "", 10)).toEqual([["p11", "p15"], false]);
      expect(await list({ state: "free", driver: "ann" }, "", 10)).toEqual([[], false]);
    });

    test("a claim in the last state keeps its driver, or that it had none", async () => {
      const { storage } = await suite.open();
      const cancelled: Claim = { state: "cancelled", epoch: 2, store: "acme", zone: "north", sinceMs: 9, driver: null };
      const picked: Claim = { state: "picked-up", epoch: 2, store: "acme", zone: "north", sinceMs: 9, driver: "ann" };
      await append(storage, [ready("p1"), ready("p2")]);
      const outcomes = await append(storage, [
        byHub("c1", { parcel: "p1", type: "cancelled", claim: { expectEpoch: 1, next: cancelled } }),
        byHub("c2", { parcel: "p2", type: "pickup", claim: { expectEpoch: 1, next: picked } }),
      ]);
      expect(outcomesOf(outcomes)).toEqual(["stored", "stored"]);
      expect((await storage.claims(tenant, ["p1", "p2"])).map(({ claim }) => claim)).toEqual([cancelled, picked]);
    });
  });
}
