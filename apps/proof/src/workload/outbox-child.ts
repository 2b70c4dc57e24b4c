/** Uses the SDK's file outbox and writes its history: `outbox-child.ts NAME FOLDER HISTORY`. */
import { mkdirSync, openSync, writeSync } from "node:fs";
import { fileOutbox } from "@waybill/client";
import { entryOf } from "./outbox-entry.ts";

const [, folder, history] = process.argv.slice(2);
if (folder === undefined || history === undefined) throw new Error("usage: outbox-child.ts NAME FOLDER HISTORY");
mkdirSync(folder, { recursive: true });
const file = openSync(history, "a");
const say = (line: object): void => void writeSync(file, `${JSON.stringify(line)}\n`);

const outbox = fileOutbox(`${folder}/outbox`);
const { incarnation, producer } = await outbox.open();
say({ told: "open", producer, incarnation });
for (let round = 0; round < 8; round++) {
  const ids = [1, 2, 3].map((i) => `event-${round}-${i}`);
  say({ intent: "put", ids });
  await outbox.put(ids.map((id) => entryOf(id)));
  say({ told: "put", ids });
  if (round === 3) {
    say({ intent: "confirm", to: 4 });
    outbox.confirm("store/acme", 4);
  }
  if (round === 5) {
    say({ intent: "refuse", id: "event-1-2" });
    const refused = await outbox.refuse("store/acme", 5, { code: "UNKNOWN_STORE", retry: "never", message: "no" });
    say({ told: "refused", id: refused?.event.id });
  }
  if (round === 6) {
    say({ intent: "renew" });
    await outbox.newProducer("another-hub");
    say({ told: "renewed" });
  }
}
await outbox.close();
say({ told: "closed" });
