import { expect, test } from "vitest";
import { describeSaid, type Said } from "./said.ts";

test.each<[Said, string]>([
  [{ what: "took", parcel: "P-1", store: "acme", zone: "north" }, "took P-1 of acme in north"],
  [{ what: "told", parcel: "P-1", store: "acme", type: "pickup", outcome: "stored", offset: 5 }, "pickup P-1 → store/acme#5"],
  [{ what: "told", parcel: "P-1", store: "acme", type: "pickup", outcome: "outbox", offset: null }, "pickup P-1 (in the outbox)"],
  [{ what: "refused", parcel: "P-1", store: "acme", type: "pickup", why: "not yours" }, "pickup P-1 was refused: not yours"],
  [{ what: "lost-job", parcel: "P-1", why: "cancelled" }, "P-1 is not mine: cancelled"],
  [{ what: "handed-back", parcel: "P-1", reason: "a flat tyre" }, "handed P-1 back: a flat tyre"],
  [{ what: "cancelled", parcel: "P-1", store: "acme", reason: null }, "acme cancelled P-1"],
  [{ what: "cancelled", parcel: "P-1", store: "acme", reason: "sold out" }, "acme cancelled P-1: sold out"],
  [{ what: "message", parcel: "P-1", store: "acme", text: "hurry" }, "acme writes about P-1: hurry"],
  [{ what: "offline", forS: 90 }, "lost its network for 90 s of the day"],
  [{ what: "online", pending: 0 }, "is online"],
  [{ what: "online", pending: 4 }, "is online, 4 in the outbox"],
  [{ what: "stopped", carrying: 2, pending: 1 }, "stopped with 2 jobs in hand, 1 in the outbox"],
])("%j", (said, sentence) => {
  expect(describeSaid(said)).toBe(sentence);
});
