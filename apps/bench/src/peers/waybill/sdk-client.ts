import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver, createVendor, fileOutbox, type Published } from "@waybill/client";
import { storeQueue } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { nothingToPrepare, type PeerClient } from "../peer-client.ts";

/** A machine that is short of breath is no fault of the hub's. */
const DRAIN_MS = 60_000;

export function sdkClient(at: Access["at"]): PeerClient {
  const url = textOf(at, "url");
  return {
    prepare: nothingToPrepare,
    async producer(index) {
      const token = at.drivers?.[index];
      if (token === undefined) throw new Error(`The bench has no token for producer ${index}.`);
      const folder = at.outbox === "file" ? mkdtempSync(join(tmpdir(), "waybill-bench-outbox-")) : null;
      const driver = createDriver({ url, token, ...(folder === null ? {} : { outbox: fileOutbox(join(folder, "outbox")) }) });
      await driver.ready();
      return {
        publish: (event) => driver.publish(event).then(mustBeConfirmed),
        async close() {
          await driver.close({ drainMs: DRAIN_MS });
          if (folder !== null) await rm(folder, { recursive: true, force: true });
        },
      };
    },
    async consumer(stores, handle) {
      const vendor = createVendor({ url, token: textOf(at, "vendor") });
      vendor.onOther(handle);
      await vendor.start({ queues: stores.map(storeQueue) });
      return { close: () => vendor.close({ drainMs: DRAIN_MS }) };
    },
  };
}

/** `duplicate`: the answer to an earlier send of it was lost, or late. The hub has it once; the consumers' check sees to that. */
function mustBeConfirmed({ outcome }: Published): void {
  if (outcome === "outbox") throw new Error("An event of the bench was not confirmed.");
}
