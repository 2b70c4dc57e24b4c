/** A driver with one parcel. What it scans is in the outbox's file before it goes out: killed or offline, it goes on where it was. */
import { createDriver, fileOutbox } from "@waybill/client";

const { WAYBILL_URL: url = "http://127.0.0.1:3000", WAYBILL_TOKEN: token = "", WAYBILL_OUTBOX = "driver.outbox" } = process.env;
const [parcel = "1Z-204", store = "acme-widgets"] = process.argv.slice(2);

await using driver = createDriver({ url, token, outbox: fileOutbox(WAYBILL_OUTBOX) });
for (const type of ["pickup", "in-transit", "delivered"] as const) {
  const { outcome } = await driver.publish({ type, store, parcel });
  console.log(`${parcel} ${type}: ${outcome}`);
}
