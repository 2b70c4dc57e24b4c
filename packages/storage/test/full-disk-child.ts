/** Fills the small disk it was given, gets out of it by progress and trimming, and says in one JSON line how that went. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStorage } from "../src/index.ts";
import { append, numbered, range, readAll, tenant, writeProgress } from "./conformance/items.ts";

const path = process.argv[2] ?? "";
const ballast = join(path, "ballast");
const body = "x".repeat(2_000);
const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : String(error));

writeFileSync(join(path, "someone-elses"), Buffer.alloc(16_000_000));
const storage = await openSqliteStorage({ path, ballastBytes: 8_000_000, segmentEvents: 512, walBytesMax: 4_000_000 });
// The ballast is made behind the opening.
while (!existsSync(ballast)) await storage.saveTime(1);

let stored = 0;
let code = "";
while (code === "") {
  await append(
    storage,
    range(1, 20).map((n) => numbered(stored + n, { body })),
  ).then(
    () => {
      stored += 20;
    },
    (error: unknown) => {
      code = codeOf(error);
    },
  );
}
const key = { tenant, queue: "store/acme", group: "main" };
const readBack = (await storage.read(tenant, "store/acme", 1, { eventsMax: 1, bytesMax: 1 })).head;
const isBallastReleased = !existsSync(ballast);
const settled = writeProgress(storage, key, {
  progress: { generation: 1, cursor: stored, open: [], offeredTo: 0, ackedTo: 0, paused: false },
});
const progressWhileFull = await settled.then(
  () => true,
  () => false,
);
const codeWhileFull = await append(storage, [numbered(stored + 1, { body })]).then(() => "", codeOf);
const copy = join(path, "copy");
const backupWhileFull = await storage.backup(copy).then(() => "", codeOf);
const leftOfBackup = readdirSync(copy);
await storage.trim({ beforeMs: Number.MAX_SAFE_INTEGER, queueEventsMax: 0 });
rmSync(join(path, "someone-elses"));
const [goesOn] = await append(storage, [numbered(stored + 1, { body })]).catch((error: unknown) => [{ outcome: codeOf(error) }]);
const isWhole = (await readAll(storage, "store/acme")).at(-1)?.offset === stored + 1;
process.stdout.write(
  JSON.stringify({
    stored,
    code,
    readBack,
    isBallastReleased,
    progressWhileFull,
    codeWhileFull,
    backupWhileFull,
    leftOfBackup,
    goesOn: isWhole ? goesOn?.outcome : "not whole",
    isBallastBack: existsSync(ballast),
  }),
);
await storage.close();
