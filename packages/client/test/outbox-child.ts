/** Works on an outbox until it is killed: writes what it was promised, with writeSync, so that a SIGKILL loses no line of it. */
import { writeSync } from "node:fs";
import { fileOutbox } from "../src/file-outbox.ts";
import type { Entry } from "../src/ledger.ts";
import { newEntry } from "../src/new-entry.ts";

const [path = "", round = "0"] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);
const outbox = fileOutbox(path);
const ledger = await outbox.open();
say(`open ${ledger.incarnation}`);
for (let turn = 0; ; turn += 1) {
  const batches = Array.from({ length: 3 }, (_, batch) =>
    Array.from({ length: 4 }, (_, i): Entry => {
      const store = `s${i % 2}`;
      return newEntry({
        type: "message",
        parcel: "p1",
        store,
        id: `e${round}-${turn}-${batch}-${i}`,
        data: { text: "x".repeat(2_000) },
      });
    }),
  );
  await Promise.all(
    batches.map(async (entries) => {
      await outbox.put(entries);
      for (const { queue, number, event } of entries) say(`put ${queue} ${number} ${event.id}`);
    }),
  );
  if (turn % 5 === 4) {
    const lane = ledger.lane("store/s0");
    await outbox.refuse("store/s0", lane.assignedTo, { code: "FORBIDDEN", retry: "never", message: "no" });
    say(`refused store/s0 ${lane.assignedTo}`);
  }
  for (const lane of ledger.lanes.values()) outbox.confirm(lane.queue, lane.assignedTo - 5);
}
