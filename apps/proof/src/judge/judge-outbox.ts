/** [I10] What an outbox must be after a power cut, by the history of who used it: nothing that was put durably is gone before its confirm. */
import { join } from "node:path";
import { fileOutbox, type Ledger } from "@waybill/client";
import { z } from "zod";
import type { Judged, Violation } from "./judge.ts";

const lineSchema = z.union([
  z.object({ told: z.literal("open"), producer: z.string(), incarnation: z.int() }),
  z.object({ told: z.literal("put"), ids: z.array(z.string()) }),
  z.object({ told: z.literal("refused"), id: z.string() }),
  z.object({ told: z.enum(["renewed", "closed"]) }),
  z.object({ intent: z.literal("put"), ids: z.array(z.string()) }),
  z.object({ intent: z.literal("confirm"), to: z.int() }),
  z.object({ intent: z.literal("refuse"), id: z.string() }),
  z.object({ intent: z.literal("renew") }),
]);
type Line = z.infer<typeof lineSchema>;

export async function judgeOutbox(folder: string, history: string): Promise<Judged> {
  const lines = history
    .split("\n")
    .slice(0, -1)
    .map((line) => lineSchema.parse(JSON.parse(line)));
  const told = lines.flatMap((line) => ("told" in line && line.told === "put" ? line.ids : []));
  const outbox = fileOutbox(join(folder, "outbox"));
  let ledger: Ledger;
  try {
    ledger = await outbox.open();
  } catch (error) {
    const what = `the outbox does not open: ${error instanceof Error ? error.message : String(error)}`;
    return { violations: [{ kind: "refused", what }], confirmedEvents: told.length };
  }
  const violations = check(ledger, lines, told);
  await outbox.close();
  return { violations, confirmedEvents: told.length };
}

function check(ledger: Ledger, lines: readonly Line[], told: readonly string[]): Violation[] {
  const lost = (what: string): Violation => ({ kind: "lost", what });
  const intended = lines.flatMap((line) => ("intent" in line && line.intent === "put" ? line.ids : []));
  const confirmedTo = Math.max(0, ...lines.map((line) => ("intent" in line && line.intent === "confirm" ? line.to : 0)));
  const lane = ledger.lane("store/acme");
  const entries = lane.entries();
  const pending = new Set(entries.filter(({ body }) => body !== null).map(({ event }) => event.id));
  const refused = new Set(ledger.refused.map(({ event }) => event.id));
  const mayBeGone = new Set(intended.slice(0, confirmedTo));
  const opened = lines.find((line) => "told" in line && line.told === "open");
  const isRenewed = lines.some((line) => "intent" in line && line.intent === "renew");
  return [
    ...told.filter((id) => !pending.has(id) && !refused.has(id) && !mayBeGone.has(id)).map((id) => lost(`${id} was put and is gone`)),
    ...[...pending].filter((id) => !intended.includes(id)).map((id) => lost(`${id} was never put`)),
    ...[...pending].filter((id) => refused.has(id)).map((id) => lost(`${id} is pending and refused`)),
    ...lines.flatMap((line) =>
      "told" in line && line.told === "refused" && !refused.has(line.id) ? [lost(`${line.id} was refused and is not listed`)] : [],
    ),
    ...entries.flatMap(({ number }, i) => (number === lane.confirmedTo + 1 + i ? [] : [lost(`number ${number} is out of place`)])),
    ...(opened !== undefined &&
    "producer" in opened &&
    !isRenewed &&
    (ledger.producer !== opened.producer || ledger.incarnation <= opened.incarnation)
      ? [lost(`producer ${opened.producer}, incarnation ${opened.incarnation}, goes on as ${ledger.producer}, ${ledger.incarnation}`)]
      : []),
    ...(lines.some((line) => "told" in line && line.told === "renewed") && ledger.storageId !== "another-hub"
      ? [lost("it was renewed for another hub, and is not")]
      : []),
  ];
}
