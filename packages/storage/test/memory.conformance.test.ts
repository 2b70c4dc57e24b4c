import { createMemoryDisk, openMemoryStorage, type Storage } from "../src/index.ts";
import { conformance } from "./conformance.ts";

conformance(
  "memory",
  async (options = {}) => {
    const disk = createMemoryDisk();
    let storage = await openMemoryStorage({ ...options, disk });
    const reopen = async (): Promise<Storage> => {
      await storage.close();
      storage = await openMemoryStorage({ ...options, disk });
      return storage;
    };
    return { storage, reopen, close: () => storage.close() };
  },
  { durable: true, exactTrim: true },
);
