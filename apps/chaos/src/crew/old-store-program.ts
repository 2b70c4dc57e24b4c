/** An old store's own program: it reads group `main`, which no old client settles, of the whole queue. In the judge's process, straight from the hub. */
import { createVendor } from "@waybill/client";
import type { OldEvent } from "../checker/old-orders.ts";

export type OldStoreProgram = AsyncDisposable & { readonly store: string; readonly stored: Iterable<OldEvent> };

export async function openOldStoreProgram({ url, token, store }: { url: string; token: string; store: string }): Promise<OldStoreProgram> {
  const vendor = createVendor({ url, token });
  const byOffset = new Map<number, OldEvent>();
  vendor.onOther(({ id, type, parcel }, { offset }) => void byOffset.set(offset, { offset, id, type, parcel }));
  await vendor.start({ queues: [`store/${store}`] });
  return {
    store,
    stored: { [Symbol.iterator]: () => byOffset.values() },
    [Symbol.asyncDispose]: () => vendor.close({ drainMs: 0 }),
  };
}
