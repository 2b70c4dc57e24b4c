// Plain JavaScript on an older Node, as an outsider writes it: the tarballs, a file for the outbox, a hub somewhere.
import { createDriver, createVendor, fileOutbox } from "@waybill/client";
import { hubErrors, parcelEventSchema } from "@waybill/events";

const { HUB_URL: url, DRIVER_TOKEN: driverToken, VENDOR_TOKEN: vendorToken } = process.env;
const driver = createDriver({ url, token: driverToken, outbox: fileOutbox("dana.outbox") });
const vendor = createVendor({ url, token: vendorToken });

const arrived = new Promise((resolve) => {
  vendor.onOther((event) => resolve(event));
});
await vendor.start();
const { outcome } = await driver.publish({ type: "pickup", parcel: "p1", store: "acme" });
const event = await arrived;
await driver.close();
await vendor.close();
const isWhole = parcelEventSchema.safeParse(event).success;
process.stdout.write(`${JSON.stringify({ outcome, type: event.type, isWhole, retry: hubErrors.QUEUE_FULL.retry })}\n`);
