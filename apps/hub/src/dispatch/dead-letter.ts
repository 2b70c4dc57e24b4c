import { parseJson } from "@waybill/events";
import type { DeadLetter, EngineInput, Entry, ProgressWrite } from "@waybill/queue";
import type { Storage, SubscriptionKey } from "@waybill/storage";
import { z } from "zod";
import { type EventRef, entryOf, refOf } from "./entry.ts";

export type StoredLetter = DeadLetter & { body: Uint8Array };

/** The storage keeps a letter's body: it may outlive the history of its queue, and a redrive that is buried again must not lose it. */
export function withBodies(write: ProgressWrite): ProgressWrite {
  const { dead } = write;
  if (dead.put.length === 0) return write;
  return { ...write, dead: { ...dead, put: dead.put.map((letter) => ({ ...letter, ref: refOf(letter).body })) } };
}

export async function letterAt(storage: Storage, key: SubscriptionKey, offset: number): Promise<StoredLetter | null> {
  const [letter] = (await storage.deadLetters(key, offset - 1, 1)).rows;
  return letter?.offset === offset ? letter : null;
}

const bodySchema = z.object({ id: z.string(), at: z.string() });

/** Redrives of these letters. */
export async function redrivesOf(
  storage: Storage,
  key: SubscriptionKey,
  letters: readonly { letter: StoredLetter; redrive: number }[],
): Promise<EngineInput[]> {
  const offsets = letters.map(({ letter }) => letter.offset);
  const stored = new Map((await storage.readOffsets(key.tenant, key.queue, offsets)).map((event) => [event.offset, event]));
  return letters.map(({ letter, redrive }) => {
    const event = stored.get(letter.offset);
    return { type: "redrive", entry: event ? entryOf(event, false) : entryOfLetter(letter), redrive, notes: letter.notes };
  });
}

/** Its queue's history is gone: what the body says is all there is. */
function entryOfLetter({ offset, key, type, body }: StoredLetter): Entry {
  const { id, at } = bodySchema.parse(parseJson(body, `the dead letter ${offset}`));
  const ref: EventRef = { id, homeOffset: 0, body };
  return { offset, key, type, bytes: body.length, recordedAtMs: Date.parse(at), ref };
}
