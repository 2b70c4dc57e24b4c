import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openSqliteStorage, type SqliteStorageOptions, type Storage } from "@waybill/storage";

const LATE_MS = 300;
const EARLY = "early";

/**
 * Answers from a copy of the data folder that it makes at each start and throws away, and writes the same into the true one
 * some hundred milliseconds later: what was confirmed in between dies with the process.
 */
export async function openAckingEarly(options: SqliteStorageOptions): Promise<Storage> {
  const path = join(options.path, EARLY);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(options.path)) if (name !== EARLY) cpSync(join(options.path, name), join(path, name), { recursive: true });
  const early = await openSqliteStorage({ ...options, path });
  const late = await openSqliteStorage(options);

  let last: Promise<unknown> = Promise.resolve();
  const later = (write: () => Promise<unknown>): void => {
    const dueMs = performance.now() + LATE_MS;
    last = last.then(() => sleep(Math.max(0, dueMs - performance.now()))).then(write);
  };
  return {
    ...early,
    commit(batch) {
      later(() => late.commit(batch));
      return early.commit(batch);
    },
    registerProducer(...args) {
      later(() => late.registerProducer(...args));
      return early.registerProducer(...args);
    },
    createSubscription(...args) {
      later(() => late.createSubscription(...args));
      return early.createSubscription(...args);
    },
    addNames(...args) {
      later(() => late.addNames(...args));
      return early.addNames(...args);
    },
    async close() {
      await last;
      await Promise.all([early.close(), late.close()]);
    },
  };
}
