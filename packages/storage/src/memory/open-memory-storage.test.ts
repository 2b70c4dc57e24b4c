import { expect, test } from "vitest";
import { createMemoryDisk } from "./memory-disk.ts";
import { openMemoryStorage } from "./open-memory-storage.ts";

test("[P20] hub time is kept as soon as it is open: a hub that dies young comes back in no earlier hour", async () => {
  const disk = createMemoryDisk();
  await openMemoryStorage({ disk, wallMs: () => 5_000_000 });
  const next = await openMemoryStorage({ disk, wallMs: () => 1_400_000 });
  expect(next.info.hubTimeMs).toBe(5_000_000);
});
