import type { PublisherRecord, VendorRecord } from "./records.ts";

/** A small day without a fault, for tests that plant one: two parcels of store `a`, an office that asks, a driver that does all. */
export function day() {
  const office: object[] = [];
  const driver: object[] = [];
  const vendor: object[] = [];
  let offset = 0;
  let t = 900;
  const write = (file: object[], record: PublisherRecord | VendorRecord) => file.push(record);

  for (const parcel of ["p1", "p2"]) {
    const publish = (file: object[], producer: string, type: string) => {
      const id = `${parcel}:${type}`;
      offset++;
      write(file, { kind: "intent", t: ++t, producer, id, type, parcel, store: "a" });
      write(file, { kind: "answer", t: ++t, id, outcome: "stored", queue: "store/a", offset });
      write(vendor, { kind: "applied", t: ++t, queue: "store/a", offset, parcel, id, type, redrive: 0 });
    };
    publish(office, "office", "ready");
    offset++;
    write(driver, { kind: "take", t: ++t, driver: "d1", parcel });
    write(driver, { kind: "held", t: ++t, driver: "d1", parcel, store: "a", claim: 2 });
    write(vendor, {
      kind: "applied",
      t: ++t,
      queue: "store/a",
      offset,
      parcel,
      id: `h${offset}`,
      type: "claimed",
      redrive: 0,
      driver: "d1",
    });
    for (const type of ["pickup", "in-transit", "delivered"]) publish(driver, "d1", type);
  }
  return { office, driver, vendor };
}
