/**
 * The port in memory: a model small enough to be read at a glance, for tests and for the replay's negative control.
 * It keeps every promise but the one that matters: nothing survives the process. Within the process a `disk` outlives a hub.
 */
import { HubError, limits, MAIN_GROUP, noClaim } from "@waybill/events";
import type { NameKind, Page, Storage, StoredEvent, SubscriptionKey } from "../port.ts";
import { refuseMain, tooManyGroups, unknownGroup } from "../refusals.ts";
import { appendItem } from "./memory-append.ts";
import { createMemoryDisk, hubTimeOf, type MemoryDisk } from "./memory-disk.ts";
import { applyProgress, applyReset, findSubscription, groupNames, keepSubscription, rowOf, trimTenant } from "./memory-progress.ts";
import { floorOf, type MemoryTenant, newSubscription, newTenant, unsettledOf } from "./memory-state.ts";

/** `disk`: what an earlier opening left; without one it starts empty. */
export type MemoryStorageOptions = { wallMs?: () => number; queueEventsMax?: number; disk?: MemoryDisk };

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const pageOf = <T>(rows: T[], limit: number): Page<T> => ({ rows: rows.slice(0, limit), more: rows.length > limit });

export async function openMemoryStorage(options: MemoryStorageOptions = {}): Promise<Storage> {
  const queueEventsMax = options.queueEventsMax ?? limits.queueEventsMax;
  const { disk = createMemoryDisk(), wallMs = Date.now } = options;
  const { tenants } = disk;
  disk.epoch += 1;
  const info = { storageId: disk.storageId, epoch: disk.epoch, format: 0, hubTimeMs: hubTimeOf(disk, wallMs()), firstGeneration: 1 };
  let lastMs = disk.saved?.hubTimeMs ?? 0;
  // Saved at once: a hub that dies young must not come back in an earlier hour.
  disk.saved = { hubTimeMs: info.hubTimeMs, wallMs: wallMs() };
  let closed = false;

  const lostOwner = ({ queue }: SubscriptionKey, epoch: number) =>
    new HubError("INTERNAL", `The owner of ${queue} is lost: it wrote with epoch ${epoch}, the storage has ${info.epoch}.`);
  const tenantOf = (name: string): MemoryTenant => {
    if (closed) throw new HubError("STORAGE_FAILED", "The storage is closed.");
    if (disk.epoch !== info.epoch) throw new HubError("STORAGE_FAILED", "Another hub has opened this storage since.");
    let tenant = tenants.get(name);
    if (tenant === undefined) {
      tenant = newTenant();
      tenants.set(name, tenant);
    }
    return tenant;
  };
  const saveTime = (nowMs: number): void => {
    lastMs = Math.max(lastMs, nowMs);
    disk.saved = { hubTimeMs: lastMs, wallMs: wallMs() };
  };
  const eventsFrom = (tenant: string, queue: string, from: number): StoredEvent[] => {
    const found = tenantOf(tenant).queues.get(queue);
    return found === undefined ? [] : found.records.slice(Math.max(0, from - found.firstKept)).map(({ event }) => ({ ...event }));
  };
  const offsetAt = (tenant: string, queue: string, atMs: number): number => {
    const found = eventsFrom(tenant, queue, 1).find((event) => event.recordedAtMs >= atMs);
    return found?.offset ?? (tenantOf(tenant).queues.get(queue)?.head ?? 0) + 1;
  };
  const namesOf = (tenant: string, kind: NameKind): Set<string> => {
    const { names } = tenantOf(tenant);
    const known = names.get(kind) ?? new Set();
    names.set(kind, known);
    return known;
  };
  const rowFor = (key: SubscriptionKey) => {
    const found = findSubscription(tenantOf(key.tenant), key);
    return found === null ? null : rowOf(tenantOf(key.tenant), key, found);
  };

  return {
    info,

    async commit({ nowMs, items, progress }) {
      for (const { key, epoch } of progress) {
        if (epoch !== info.epoch) throw lostOwner(key, epoch);
      }
      saveTime(nowMs);
      for (const { key, write } of progress) applyProgress(tenantOf(key.tenant), key, write);
      const stopped = new Map<string, Set<string>>();
      return items.map((item) => {
        const lanes = stopped.get(item.tenant) ?? new Set();
        stopped.set(item.tenant, lanes);
        return appendItem(tenantOf(item.tenant), item, lanes, { nowMs: lastMs, queueEventsMax });
      });
    },

    async registerProducer(tenant, producer, incarnation) {
      const { incarnations } = tenantOf(tenant);
      if ((incarnations.get(producer) ?? 0) > incarnation) return false;
      incarnations.set(producer, incarnation);
      return true;
    },
    async lanes(tenant, producer, queues) {
      return queues.map((queue) => tenantOf(tenant).lanes.get(`${producer} ${queue}`)?.number ?? 0);
    },

    async read(tenant, queue, from, max) {
      const { head, firstKept } = tenantOf(tenant).queues.get(queue) ?? { head: 0, firstKept: 1 };
      const events: StoredEvent[] = [];
      let bytes = 0;
      for (const event of eventsFrom(tenant, queue, from)) {
        bytes += event.body.byteLength;
        if (events.length >= max.eventsMax || (events.length > 0 && bytes > max.bytesMax)) break;
        events.push(event);
      }
      return { events, to: events.at(-1)?.offset ?? Math.max(head, from - 1), head, firstKept };
    },
    async readOffsets(tenant, queue, offsets) {
      const wanted = new Set(offsets);
      return eventsFrom(tenant, queue, 1).filter((event) => wanted.has(event.offset));
    },
    async offsetAt(tenant, queue, atMs) {
      return offsetAt(tenant, queue, atMs);
    },

    async subscription(key) {
      return rowFor(key);
    },
    async createSubscription(key, { start, types, policy, order = "key" }) {
      const tenant = tenantOf(key.tenant);
      const head = tenant.queues.get(key.queue)?.head ?? 0;
      const cursor = () => {
        if (start === "start") return 0;
        if (start === "end") return head;
        return Math.min(head, ("offset" in start ? start.offset : offsetAt(key.tenant, key.queue, Date.parse(start.at))) - 1);
      };
      const known = findSubscription(tenant, key);
      if (known === null && groupNames(tenant, key.queue).length >= limits.groupsPerQueueMax) throw tooManyGroups(key);
      const made = { ...newSubscription(cursor(), disk.deletedGeneration + 1), types, policy, order };
      const kept = keepSubscription(tenant, key, known ?? made);
      return rowOf(tenant, key, kept);
    },
    async resetSubscription(key, epoch, write) {
      if (epoch !== info.epoch) throw lostOwner(key, epoch);
      if (findSubscription(tenantOf(key.tenant), key) === null) throw unknownGroup(key);
      applyReset(tenantOf(key.tenant), key, write);
    },
    async deleteSubscription(key) {
      refuseMain(key);
      const { subscriptions } = tenantOf(key.tenant);
      const known = subscriptions.get(`${key.queue} ${key.group}`);
      if (known !== undefined) disk.deletedGeneration = Math.max(disk.deletedGeneration, known.progress.generation);
      return subscriptions.delete(`${key.queue} ${key.group}`);
    },
    async countKept(key, { from, to }) {
      const found = findSubscription(tenantOf(key.tenant), key);
      const isIn = (offset: number) => offset >= from && offset <= to;
      const parked = [...(found?.parked.values() ?? [])].flatMap(({ offsets }) => offsets.filter(isIn));
      return { parked: parked.length, letters: [...(found?.dead.keys() ?? [])].filter(isIn).length };
    },
    async setTypes(key, types) {
      const tenant = tenantOf(key.tenant);
      if (findSubscription(tenant, key) !== null) keepSubscription(tenant, key).types = types === null ? null : [...types];
    },
    async setPolicy(key, policy) {
      const tenant = tenantOf(key.tenant);
      if (findSubscription(tenant, key) !== null) keepSubscription(tenant, key).policy = policy;
    },
    async parkedChunk(key, orderKey, first) {
      const parked = findSubscription(tenantOf(key.tenant), key)?.parked ?? new Map();
      const later = [...parked.values()].filter((chunk) => chunk.key === orderKey && chunk.first > first).map((chunk) => chunk.first);
      const chunk = parked.get(first);
      return {
        chunk: chunk === undefined || chunk.key !== orderKey ? null : structuredClone(chunk),
        next: later.length > 0 ? Math.min(...later) : 0,
      };
    },
    async deadLetters(key, after, limit) {
      const dead = [...(findSubscription(tenantOf(key.tenant), key)?.dead.values() ?? [])];
      return pageOf(
        dead.filter((letter) => letter.offset > after).sort((a, b) => a.offset - b.offset),
        limit,
      );
    },
    async subscriptions(tenant, after, limit) {
      const state = tenantOf(tenant);
      const keys = new Set([...state.subscriptions.keys(), ...[...state.queues.keys()].map((queue) => `${queue} ${MAIN_GROUP}`)]);
      const rows = [...keys].flatMap((name) => {
        const [queue = "", group = ""] = name.split(" ");
        const key = { tenant, queue, group };
        const found = findSubscription(state, key) ?? newSubscription(0);
        const head = state.queues.get(queue)?.head ?? 0;
        const row = { key, floor: floorOf(found), head, pending: unsettledOf(found, head), stuck: 0, dead: found.dead.size };
        row.stuck = [...found.attempts.values()].filter((attempt) => attempt.stuck).length;
        const isBehind = after === null || compare(queue, after.queue) > 0 || (queue === after.queue && compare(group, after.group) > 0);
        return isBehind && (row.floor < row.head || row.dead > 0) ? [row] : [];
      });
      rows.sort((a, b) => compare(a.key.queue, b.key.queue) || compare(a.key.group, b.key.group));
      return pageOf(rows, limit);
    },
    async queues(tenant, { kind, after }, limit) {
      const state = tenantOf(tenant);
      const names = [...state.queues].filter(([queue, { head }]) => head > 0 && queue > after && (!kind || queue.startsWith(`${kind}/`)));
      const rows = names.map(([queue, { head, firstKept }]) => {
        return { queue, head, firstKept, pending: unsettledOf(state.subscriptions.get(`${queue} ${MAIN_GROUP}`), head) };
      });
      return pageOf(
        rows.sort((a, b) => compare(a.queue, b.queue)),
        limit,
      );
    },
    async groups(tenant, queue) {
      return groupNames(tenantOf(tenant), queue).sort(compare);
    },

    async claims(tenant, parcels) {
      return parcels.map((parcel) => ({ ...(tenantOf(tenant).claims.get(parcel) ?? { claim: noClaim, readyOffset: 0, poolOffset: 0 }) }));
    },
    async listClaims(tenant, filter, after, limit) {
      const rows = [...tenantOf(tenant).claims].map(([parcel, stored]) => ({ ...stored, parcel }));
      const wanted = rows.filter(({ claim, parcel }) => {
        const isOfDriver = filter.driver === undefined || ("driver" in claim && claim.driver === filter.driver);
        return claim.state === filter.state && isOfDriver && parcel > after;
      });
      return pageOf(
        wanted.sort((a, b) => compare(a.parcel, b.parcel)),
        limit,
      );
    },

    async addNames(tenant, kind, ids) {
      const known = namesOf(tenant, kind);
      const before = known.size;
      for (const id of ids) known.add(id);
      return known.size - before;
    },
    async names(tenant, kind, after, limit) {
      return pageOf([...namesOf(tenant, kind)].filter((id) => id > after).sort(compare), limit);
    },
    async hasNames(tenant, kind, ids) {
      return ids.map((id) => namesOf(tenant, kind).has(id));
    },

    async redact(tenant, home, offset, body) {
      const state = tenantOf(tenant);
      for (const [name, queue] of state.queues) {
        for (const record of queue.records) {
          if (record.home !== home || record.event.homeOffset !== offset) continue;
          record.event = { ...record.event, body: body.slice() };
          for (const [key, subscription] of state.subscriptions) {
            const letter = subscription.dead.get(record.event.offset);
            if (letter !== undefined && key.startsWith(`${name} `)) letter.body = body.slice();
          }
        }
      }
    },
    async trim(trim) {
      return { events: [...tenants.values()].reduce((sum, tenant) => sum + trimTenant(tenant, trim), 0) };
    },
    async putBlob(tenant, sha256, bytes) {
      tenantOf(tenant).blobs.set(sha256, bytes.slice());
    },
    async blob(tenant, sha256) {
      return tenantOf(tenant).blobs.get(sha256)?.slice() ?? null;
    },
    audit() {},

    async backup() {
      throw new HubError(
        "STORAGE_FAILED",
        "A storage in memory has nothing that a backup could be opened from. Run the hub on a data folder.",
      );
    },
    async saveTime(nowMs) {
      saveTime(nowMs);
    },
    async stats() {
      const queues = [...tenants.values()].flatMap((tenant) => [...tenant.queues.values()]);
      const events = queues.reduce((sum, queue) => sum + queue.records.length, 0);
      return { events, queues: queues.length, tailEvents: events, segments: 0, walBytes: 0, fileBytes: 0, ballastReleased: false };
    },
    async close() {
      if (!closed && disk.epoch === info.epoch) saveTime(lastMs);
      closed = true;
    },
  };
}
