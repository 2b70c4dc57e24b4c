import { createDriver, createVendor, type Delivery, type Published } from "@waybill/client";
import { HubError, type ParcelEventOf } from "@waybill/events";

const vendor = createVendor({ url: "http://127.0.0.1:1", token: async () => "token" });
vendor.on("attempt-failed", async (event, delivery: Delivery<"attempt-failed">) => {
  const failed: ParcelEventOf<"attempt-failed"> = event;
  const reason: string = failed.data.reason;
  if (delivery.signal.aborted) throw new HubError("LEASE_LOST", reason);
});
// @ts-expect-error No event type has this name.
vendor.on("deliverd", () => {});

await using driver = createDriver({ url: "http://127.0.0.1:1", token: "token" });
const published: Published = await driver.publish({ type: "delivered", parcel: "p1", store: "acme" });
// @ts-expect-error A parcel event names its store.
await driver.publish({ type: "delivered", parcel: "p1" });
export const { outcome } = published;
