import { parseJson } from "@waybill/events";
import type { Storage, SubscriptionKey } from "@waybill/storage";
import { z } from "zod";
import type { StoredLetter } from "../dispatch/dead-letter.ts";

export type LetterFilter = { parcel?: string | undefined; type?: string | undefined };
export type Which = { offsets: readonly number[] } | LetterFilter;

/** Letters that are looked at for one answer: a filter that fits few must not hold the hub up. */
const LOOK_MAX = 2_000;
const READ = 200;

/** Dead letters behind `after` that fit, at most `limit`. `lookedTo`: where the next page begins. */
export async function lettersFrom(
  storage: Pick<Storage, "deadLetters">,
  key: SubscriptionKey,
  { which, after, limit }: { which: Which; after: number; limit: number },
): Promise<{ letters: StoredLetter[]; lookedTo: number; more: boolean }> {
  const letters: StoredLetter[] = [];
  let lookedTo = after;
  let looked = 0;
  const last = "offsets" in which ? Math.max(...which.offsets) : Number.POSITIVE_INFINITY;
  while (lookedTo < last) {
    const from = "offsets" in which ? nextOf(which.offsets, lookedTo) - 1 : lookedTo;
    const { rows, more } = await storage.deadLetters(key, from, READ);
    for (const letter of rows) {
      if (letters.length >= limit) return { letters, lookedTo, more: true };
      if (letter.offset > last) return { letters, lookedTo: last, more: false };
      lookedTo = letter.offset;
      looked += 1;
      if (fits(letter, which)) letters.push(letter);
    }
    if (!more) break;
    if (looked >= LOOK_MAX) return { letters, lookedTo, more: true };
  }
  return { letters, lookedTo, more: false };
}

/** The first wanted offset behind the last one that was looked at. */
const nextOf = (offsets: readonly number[], lookedTo: number): number => Math.min(...offsets.filter((offset) => offset > lookedTo));

function fits({ offset, key, type }: StoredLetter, which: Which): boolean {
  if ("offsets" in which) return which.offsets.includes(offset);
  return (which.parcel === undefined || which.parcel === key) && (which.type === undefined || which.type === type);
}

const namedSchema = z.object({ id: z.string() });

export const idOf = ({ offset, body }: StoredLetter): string => namedSchema.parse(parseJson(body, `the dead letter ${offset}`)).id;
