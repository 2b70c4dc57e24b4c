// A page, as Vite builds it: publishes one event and shows what the hub answers.
import { createDriver, memoryOutbox } from "@waybill/client";

const query = new URLSearchParams(location.search);
const driver = createDriver({ url: query.get("hub"), token: query.get("token"), outbox: memoryOutbox() });
const { outcome } = await driver.publish({ type: "pickup", parcel: "p2", store: "acme" });
document.title = outcome;
