import type { Admin, SubscriptionDetail, SubscriptionSummary } from "@waybill/client";
import { limits } from "@waybill/events";
import { expect, test } from "vitest";
import { lookAtSubscriptions } from "./look-at-hub.ts";

const summary = (group: string, pending: number): SubscriptionSummary => ({
  ...{ queue: "store/acme", group, policy: "block", paused: false, floor: 0, head: pending, pending },
  ...{ inHand: 0, stuck: 0, dead: 0, consumers: 1 },
});

test("parcels that are put aside are counted where they can be near their limit, and nowhere else", async () => {
  const asked: (string | undefined)[] = [];
  const parkedKeys = limits.parkedKeysMax - 1;
  const admin: Pick<Admin, "subscriptions" | "queues" | "subscription"> = {
    async *subscriptions() {
      yield summary("main", limits.parkedKeysMax);
      yield summary("main", 1);
    },
    async *queues() {},
    async subscription({ group }) {
      asked.push(group);
      return { ...summary("main", limits.parkedKeysMax), parkedKeys } as SubscriptionDetail;
    },
  };
  const { looks } = await lookAtSubscriptions(admin as Admin);
  expect(looks.map((look) => look.parkedKeys)).toEqual([parkedKeys, 0]);
  expect(asked).toEqual(["main"]);
});
