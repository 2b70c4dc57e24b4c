/** Commits one event after the other over a disk that fails now and then, and says in one JSON line what became of them. */
import { openSqliteStorage } from "../src/index.ts";
import { append, numbered, readAll, tenant } from "./conformance/items.ts";

const storage = await openSqliteStorage({ path: process.argv[2] ?? "", ballastBytes: 0, segmentEvents: 24 });
let confirmed = 0;
const refused: string[] = [];
for (let attempt = 0; attempt < 80; attempt++) {
  try {
    const [one] = await append(storage, [numbered(confirmed + 1)]);
    if (one?.outcome === "stored") confirmed += 1;
    else refused.push(one?.outcome ?? "nothing");
  } catch (error) {
    refused.push(error instanceof Error && "code" in error ? String(error.code) : String(error));
  }
}
const numbers = (await readAll(storage, "store/acme")).map(({ number }) => number);
const [lane] = await storage.lanes(tenant, "outbox", ["store/acme"]);
process.stdout.write(JSON.stringify({ confirmed, refused, numbers, lane }));
await storage.close();
