import type { Storage, StoredEvent } from "@waybill/storage";

const READ = { eventsMax: 500, bytesMax: 1_048_576 };

/** The copy of a home event in another queue. It is of the same commit, so it was recorded at the same time: there is where to look. */
export async function copyOf(storage: Storage, tenant: string, queue: string, home: StoredEvent): Promise<StoredEvent | null> {
  let from = await storage.offsetAt(tenant, queue, home.recordedAtMs);
  for (;;) {
    const { events } = await storage.read(tenant, queue, from, READ);
    for (const event of events) {
      if (event.recordedAtMs > home.recordedAtMs) return null;
      if (event.homeOffset === home.offset && event.id === home.id) return event;
    }
    const last = events.at(-1);
    if (last === undefined) return null;
    from = last.offset + 1;
  }
}
