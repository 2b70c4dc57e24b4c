/** All that can be seen of a storage through its port, as plain data: two storages that hold the same give the same. */
import type { Storage, SubscriptionKey } from "@waybill/storage";
import { type Operation, tenant } from "../workload/operation.ts";

/** What the operations touched. */
export type Scope = { queues: string[]; producers: string[]; keys: SubscriptionKey[]; parcels: string[] };

export function scopeOf(operations: readonly Operation[]): Scope {
  const queues = new Set<string>();
  const producers = new Set<string>();
  const parcels = new Set<string>();
  const keys = new Map<string, SubscriptionKey>();
  const addKey = (key: SubscriptionKey): void => void keys.set(`${key.queue} ${key.group}`, key);
  for (const operation of operations) {
    if (operation.do === "create") addKey(operation.key);
    if (operation.do !== "commit") continue;
    for (const { key } of operation.progress) addKey(key);
    for (const item of operation.items) {
      queues.add(item.home);
      addKey({ tenant, queue: item.home, group: "main" });
      if (item.from.kind === "numbered") producers.add(item.from.producer);
      if ("void" in item) continue;
      parcels.add(item.parcel);
      for (const { queue } of item.copies) queues.add(queue);
    }
  }
  return { queues: [...queues].sort(), producers: [...producers].sort(), keys: [...keys.values()], parcels: [...parcels].sort() };
}

const everything = { eventsMax: 100_000, bytesMax: 100_000_000 };
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** One line per fact. `from`: of each queue, what was trimmed elsewhere is left out here. */
export async function snapshotOf(storage: Storage, scope: Scope, from: ReadonlyMap<string, number>): Promise<string[]> {
  const lines: string[] = [];
  const say = (...words: unknown[]): void =>
    void lines.push(words.map((word) => (typeof word === "string" ? word : canonical(word))).join(" "));
  for (const queue of scope.queues) {
    const { events, head } = await storage.read(tenant, queue, from.get(queue) ?? 1, everything);
    say(queue, "head", head);
    for (const { body, offset, ...rest } of events) say(queue, "offset", offset, rest, textOf(body));
    for (const producer of scope.producers) say(queue, "lane", producer, await storage.lanes(tenant, producer, [queue]));
  }
  for (const key of scope.keys) {
    const name = `${key.queue} ${key.group}`;
    const row = await storage.subscription(key);
    if (row === null) continue;
    const { progress, policy, order, types, attempts, deadCount } = row;
    say(name, "progress", progress, policy, order, types);
    for (const { offset, ...attempt } of attempts) say(name, "attempts of", offset, attempt);
    for (const { key: orderKey, first } of row.parked) {
      for (let at = first; at > 0; ) {
        const { chunk, next } = await storage.parkedChunk(key, orderKey, at);
        say(name, "parked", orderKey, chunk?.offsets ?? []);
        at = next;
      }
    }
    say(name, "dead", deadCount);
    for (const { offset, body, ref: _, ...letter } of (await storage.deadLetters(key, 0, 1_000)).rows)
      say(name, "dead letter", offset, letter, textOf(body));
  }
  const claims = await storage.claims(tenant, scope.parcels);
  for (const [i, parcel] of scope.parcels.entries()) say("claim", parcel, claims[i]);
  say("stores", (await storage.names(tenant, "store", "", 1_000)).rows);
  return lines;
}

/** JSON whose keys are in order, so that only what is in it counts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? "nothing";
