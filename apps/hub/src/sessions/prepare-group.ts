import { HubError, type Subscribe } from "@waybill/events";
import type { Storage, SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import type { Registry } from "../dispatch/registry.ts";
import { startOffset } from "../operate/start-offset.ts";

type Parts = { storage: Storage; registry: Registry };

/** The group, made where the request asks for it, agrees with the request; its durable types are changed where they differ. */
export async function prepareGroup({ storage, registry }: Parts, key: SubscriptionKey, request: Subscribe): Promise<SubscriptionRow> {
  const { types, order } = request;
  const row = (await storage.subscription(key)) ?? (await makeGroup(storage, key, request));
  if (order && order !== row.order) {
    throw new HubError(
      "GROUP_DIFFERS",
      `${key.queue} ${key.group} was made with order "${row.order}", and "${order}" is asked for. Make another group.`,
    );
  }
  if (types && JSON.stringify([...types].sort()) !== JSON.stringify([...(row.types ?? [])].sort())) {
    await registry.renew(key);
    await storage.setTypes(key, types);
  }
  return row;
}

async function makeGroup(storage: Storage, key: SubscriptionKey, { from, types, order = "key" }: Subscribe): Promise<SubscriptionRow> {
  if (from === undefined) {
    throw new HubError(
      "UNKNOWN_GROUP",
      `${key.queue} has no group "${key.group}"; give \`from\` ("start", "end", an offset or a time) to make it.`,
    );
  }
  const { head, firstKept } = await storage.read(key.tenant, key.queue, 1, { eventsMax: 0, bytesMax: 0 });
  const offset = await startOffset(storage, key, { start: from, head, firstKept });
  return storage.createSubscription(key, { start: { offset }, types: types ?? null, policy: "block", order });
}
