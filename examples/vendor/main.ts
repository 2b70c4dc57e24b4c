/** A store: prints what happens to its parcels. Returned: acknowledged, never sent again. Thrown: sent again, and nothing else of this parcel before. */
import { createVendor } from "@waybill/client";

const { WAYBILL_URL: url = "http://127.0.0.1:3000", WAYBILL_TOKEN: token = "" } = process.env;

const vendor = createVendor({ url, token });
vendor.onOther((event) => console.log(`${event.parcel} ${event.type}`));
vendor.listen("status", (status, why) => console.error(`${status}: ${why}`));
await vendor.start();
