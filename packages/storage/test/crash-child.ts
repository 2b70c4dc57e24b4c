/**
 * Commits batches of known content until it is killed, and says after each confirm what it was: one JSON line by
 * `writeSync`, so that the line is out before the next thing happens. Run with a data folder as its argument.
 */
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { openSqliteStorage } from "../src/index.ts";
import { append, byHub, numbered, plain, tenant, writeProgress } from "./conformance/items.ts";

export const laneNames = ["store/a", "store/b", "store/c"] as const;

const path = process.argv[2];
if (path === undefined) throw new Error("usage: crash-child.ts FOLDER");
const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

const storage = await openSqliteStorage({ path, segmentEvents: 24, ballastBytes: 0 });
const numbers = await storage.lanes(tenant, "outbox", laneNames);
const key = { tenant, queue: "store/a", group: "main" };
let cursor = (await storage.subscription(key))?.progress.cursor ?? 0;
// Most of a short life is its start; one that is killed would keep no compiled code for the next.
flushCompileCache();
say({ epoch: storage.info.epoch });

for (let round = 0; ; round++) {
  const batches = [1, 2, 3].map((size) => {
    const home = laneNames[(round + size) % laneNames.length] ?? "store/a";
    const lane = laneNames.indexOf(home);
    const items = Array.from({ length: size * 2 }, () => {
      numbers[lane] = (numbers[lane] ?? 0) + 1;
      return numbered(numbers[lane], { home, copies: size === 2 ? [{ queue: "zone/z" }] : [] });
    });
    const others = [
      plain(`${storage.info.epoch}-${round}-${size}`, { home: "store/p" }),
      byHub(`h-${storage.info.epoch}-${round}-${size}`, { home: "store/p" }),
    ];
    const to = numbers[lane] ?? 0;
    return append(storage, [...items, ...others]).then(() => say({ home, to, plain: `${storage.info.epoch}-${round}-${size}` }));
  });
  cursor += 1;
  const parked = { put: [{ key: "k", first: cursor, offsets: [cursor] }], remove: cursor > 1 ? [{ key: "k", first: cursor - 1 }] : [] };
  const settled = writeProgress(storage, key, {
    progress: { generation: 1, cursor, open: [], offeredTo: cursor, ackedTo: 0, paused: false },
    parked,
  }).then(() => say({ cursor }));
  await Promise.all([...batches, settled]);
}
