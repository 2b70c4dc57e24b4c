import { openMemoryStorage } from "../src/index.ts";
import { conformance } from "./conformance.ts";

conformance(
  "memory",
  async (options = {}) => {
    const storage = await openMemoryStorage(options);
    return { storage, reopen: () => Promise.reject(new Error("nothing survives it")), close: () => storage.close() };
  },
  { durable: false, exactTrim: true },
);
