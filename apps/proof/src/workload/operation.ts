/** What a script asks of a storage, as data: written down before it is done and after, and done again on the model. */

import type { Start } from "@waybill/events";
import type { ResetWrite } from "@waybill/queue";
import type { AppendItem, CommitBatch, NameKind, Storage, SubscriptionKey, VoidItem } from "@waybill/storage";
import { z } from "zod";

export const tenant = "default";

export type Operation =
  | { do: "open" }
  | { do: "commit"; items: readonly (AppendItem | VoidItem)[]; progress: readonly Omit<CommitBatch["progress"][number], "epoch">[] }
  | { do: "register"; producer: string; incarnation: number }
  | { do: "create"; key: SubscriptionKey; start: Start; policy: "block" | "skip" }
  | { do: "reset"; key: SubscriptionKey; write: ResetWrite }
  | { do: "delete"; key: SubscriptionKey }
  | { do: "names"; kind: NameKind; ids: readonly string[] }
  | { do: "redact"; home: string; offset: number; body: Uint8Array }
  | { do: "trim" }
  | { do: "close" };

/** Before (`intent`) and after (`told`): told means that the storage said it is durable. */
export type HistoryLine =
  | { n: number; nowMs: number; intent: Operation }
  | { n: number; told: true; storageId?: string; epoch?: number; outcomes?: readonly string[] };

const lineSchema = z.union([
  z.object({
    n: z.int(),
    told: z.literal(true),
    storageId: z.string().optional(),
    epoch: z.int().optional(),
    outcomes: z.array(z.string()).optional(),
  }),
  z.object({
    n: z.int(),
    nowMs: z.number(),
    intent: z.custom<Operation>((value) => typeof value === "object" && value !== null && "do" in value),
  }),
]);

/** Bytes travel as text: they are JSON anyway. */
export const encodeLine = (line: HistoryLine): string =>
  `${JSON.stringify(line, (_, value: unknown) => (value instanceof Uint8Array ? { $text: new TextDecoder().decode(value) } : value))}\n`;

/** All whole lines; what follows the last line feed was torn by the writer's death. */
export function decodeLines(text: string): HistoryLine[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => {
    const parsed = lineSchema.parse(JSON.parse(line, (_, value: unknown) => bytesOf(value) ?? itemOf(value) ?? value));
    return "intent" in parsed ? parsed : { n: parsed.n, told: true, ...defined(parsed) };
  });
}

function bytesOf(value: unknown): Uint8Array | null {
  if (typeof value !== "object" || value === null || !("$text" in value) || typeof value.$text !== "string") return null;
  return new TextEncoder().encode(value.$text);
}

const earlierItemSchema = z.looseObject({ from: z.looseObject({ number: z.int().default(0) }), number: z.undefined().optional() });

/** An item as fixtures of earlier formats tell it: with its number in `from`. */
function itemOf(value: unknown): object | null {
  const { data } = earlierItemSchema.safeParse(value);
  if (data === undefined) return null;
  const { number, ...from } = data.from;
  return { ...data, from, number };
}

function defined({
  storageId,
  epoch,
  outcomes,
}: {
  storageId?: string | undefined;
  epoch?: number | undefined;
  outcomes?: string[] | undefined;
}) {
  return {
    ...(storageId === undefined ? {} : { storageId }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(outcomes === undefined ? {} : { outcomes }),
  };
}

/** Does it; what opening and closing mean is the caller's. Answers the outcomes of a commit. */
export async function perform(storage: Storage, operation: Operation, nowMs: number): Promise<string[]> {
  switch (operation.do) {
    case "commit": {
      const progress = operation.progress.map((one) => ({ ...one, epoch: storage.info.epoch }));
      return (await storage.commit({ nowMs, items: operation.items, progress })).map(({ outcome }) => outcome);
    }
    case "register":
      await storage.registerProducer(tenant, operation.producer, operation.incarnation);
      return [];
    case "create":
      await storage.createSubscription(operation.key, { start: operation.start, types: null, policy: operation.policy });
      return [];
    case "reset":
      await storage.resetSubscription(operation.key, storage.info.epoch, operation.write);
      return [];
    case "delete":
      await storage.deleteSubscription(operation.key);
      return [];
    case "names":
      await storage.addNames(tenant, operation.kind, operation.ids);
      return [];
    case "redact":
      await storage.redact(tenant, operation.home, operation.offset, operation.body);
      return [];
    case "trim":
      await storage.trim({ beforeMs: Number.MAX_SAFE_INTEGER, queueEventsMax: 0 });
      return [];
    case "open":
    case "close":
      return [];
  }
}
