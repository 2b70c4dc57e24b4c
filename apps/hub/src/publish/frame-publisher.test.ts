import { encodeFrame, type LanePart, toJsonBytes } from "@waybill/events";
import { createMemoryDisk, openMemoryStorage } from "@waybill/storage";
import { expect, onTestFinished, test } from "vitest";
import { quietProof } from "../../test/quiet-proof.ts";
import type { Identity } from "../auth/tokens.ts";
import { createCommitter } from "../commit/committer.ts";
import { createKnownNames } from "../known-names.ts";
import { createClaimTable } from "../pool/claim-table.ts";
import { createAdmission } from "./admission.ts";
import { createFramePublisher } from "./frame-publisher.ts";

const driver: Identity = { role: "driver", tenant: "default", subject: "d", driver: "d", stores: [], expMs: 0 };

const vendor: Identity = { role: "vendor", tenant: "default", subject: "v", stores: "*", expMs: 0 };

/** A publisher of one socket, with all that stands behind it. */
async function publisherOf(identity: Identity) {
  const storage = await openMemoryStorage({ disk: createMemoryDisk() });
  onTestFinished(() => storage.close());
  const clock = { nowMs: () => 0 };
  const claims = createClaimTable(storage);
  const names = createKnownNames(storage, { open: false });
  await names.add("default", "store", ["a", "b"]);
  await names.add("default", "driver", ["d"]);
  const committer = createCommitter({ storage, clock, onStored: claims.settled, onFailed: claims.failed });
  const admission = createAdmission({ names, claims, clock });
  const publisher = createFramePublisher({ identity, wire: 2, admission, committer, proof: quietProof });
  publisher.hello({ producer: "p", incarnation: 1 });
  return {
    publish(lanes: readonly LanePart[], ...events: unknown[]) {
      return publisher.publish(encodeFrame({ lanes }, events.map(toJsonBytes)));
    },
  };
}

const scan = (store: string, id: string, rest: object = {}) => ({
  id,
  type: "in-transit",
  parcel: "p1",
  store,
  at: "2026-11-21T10:00:00Z",
  data: {},
  ...rest,
});

test("what became of each lane of a frame is told in one confirm, and one bad event harms no other lane", async () => {
  const { publish } = await publisherOf(driver);
  const lanes = ["a", "b", "unknown"].map((store) => ({ queue: `store/${store}`, first: 1, count: store === "a" ? 2 : 1 }));
  const events = [scan("a", "e1"), scan("a", "e2"), scan("b", "e3", { data: { note: 1 } }), scan("unknown", "e4")];
  expect(await publish(lanes, ...events)).toMatchObject({
    outcome: "confirmed",
    lanes: [
      { queue: "store/a", confirmedTo: 2, stored: [[1, 2, 1]], duplicates: [] },
      { queue: "store/b", confirmedTo: 0, stored: [], duplicates: [], refused: { number: 1, error: { code: "INVALID_EVENT" } } },
      { queue: "store/unknown", confirmedTo: 0, refused: { number: 1, error: { code: "UNKNOWN_STORE" } } },
    ],
  });
});

test.each<[string, Identity, object, string]>([
  ["store", driver, { store: "z" }, "UNKNOWN_STORE"],
  ["driver", { ...driver, driver: "z" }, { store: "a" }, "UNKNOWN_DRIVER"],
  ["zone", vendor, { store: "a", type: "ready", data: { zone: "z" } }, "UNKNOWN_ZONE"],
])("a %s that nobody made known is refused, whatever was known before it in the frame", async (_, identity, unknown, code) => {
  const { publish } = await publisherOf(identity);
  const { store = "", ...rest } = { store: "a", ...unknown };
  const lanes = [
    { queue: "store/b", first: 1, count: 1 },
    { queue: `store/${store}`, first: 1, count: 1 },
  ];
  const type = identity.role === "driver" ? "in-transit" : "cancelled";
  const confirm = await publish(lanes, scan("b", "e1", { type }), scan(store, "e2", rest));
  expect(confirm).toMatchObject({ lanes: [{}, { confirmedTo: 0, refused: { number: 1, error: { code } } }] });
});
