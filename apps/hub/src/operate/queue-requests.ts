import { adminRequests, HubError, limits, parseJson, type QueueDetail, queueParts } from "@waybill/events";
import type { StoredEvent } from "@waybill/storage";
import type { Socket } from "socket.io";
import { z } from "zod";
import type { Handlers } from "../edge/handlers.ts";
import type { Desk } from "./desk.ts";
import { peek } from "./peek.ts";
import { summaryOf } from "./summary-of.ts";

const PAGE = 500;
const PEEK = 100;
/** A pool's events that are looked at for the first of its jobs, and jobs that are told. */
const JOBS_LOOK_MAX = 500;
const JOBS_MAX = 20;

/** `queue:list`, `queue:info`, `queue:peek`, `queue:grown`: they read, and change nothing. */
export function handleQueueRequests(on: Handlers<null>, socket: Socket, desk: Desk): void {
  const { storage, registry, growth } = desk.parts;
  const { tenant } = desk;
  const waits = waitsOf(socket);

  on.request("queue:list", adminRequests["queue:list"].request, async ({ kind, after = "" }) => {
    const { rows, more } = await storage.queues(tenant, kind ? { kind, after } : { after }, PAGE);
    return { outcome: "queues", queues: rows, more };
  });

  on.request("queue:info", adminRequests["queue:info"].request, async ({ queue }) => {
    await desk.checkName(queue);
    const groups = await storage.groups(tenant, queue);
    const rows = (await Promise.all(groups.map((group) => storage.subscription({ tenant, queue, group })))).flatMap((row) => row ?? []);
    const { head, firstKept } = rows[0] ?? { head: 0, firstKept: 1 };
    const summaries = rows.map((row) => summaryOf(registry, row));
    const main = summaries.find(({ group }) => group === "main");
    const [first, last] = head < firstKept ? [] : await storage.readOffsets(tenant, queue, [firstKept, head]);
    const detail: QueueDetail = {
      queue,
      head,
      firstKept,
      pending: main?.pending ?? 0,
      firstMs: first?.recordedAtMs ?? null,
      lastMs: (last ?? first)?.recordedAtMs ?? null,
      groups: summaries,
      jobs: queueParts(queue).kind === "zone" && main ? await firstJobs(desk, queue, main.floor + 1) : [],
    };
    return { outcome: "queue", queue: detail };
  });

  on.request("queue:peek", adminRequests["queue:peek"].request, async ({ queue, from, last, limit = PEEK, waitMs = 0, ...filter }) => {
    if (from !== undefined && last !== undefined)
      throw new HubError("INVALID_MESSAGE", "`from` and `last` exclude each other: say where to begin, or how many of the last.");
    await desk.checkName(queue);
    const before = growth.tick(tenant);
    const asked = { tenant, queue, from: from ?? (await startOfLast(desk, queue, last ?? limit)), limit, ...filter };
    const page = await peek(storage, asked);
    if (page.events.length > 0 || page.more || waitMs === 0) return page;
    await waits.one((signal) => growth.wait(tenant, { after: before, queues: new Set([queue]), limit: 1, waitMs, signal }));
    return peek(storage, { ...asked, from: page.next });
  });

  on.request("queue:grown", adminRequests["queue:grown"].request, async ({ after, queues: named, waitMs = 0 }) => {
    if (after === undefined) return { outcome: "grown", at: growth.tick(tenant), queues: [], complete: true };
    const asked = { after, queues: named ? new Set(named) : null, limit: limits.grownQueuesMax };
    await waits.one((signal) => growth.wait(tenant, { ...asked, waitMs, signal }));
    return { outcome: "grown", ...growth.since(tenant, asked) };
  });
}

/** Where the last so many events begin. */
async function startOfLast({ parts: { storage }, tenant }: Desk, queue: string, count: number): Promise<number> {
  const { head, firstKept } = await storage.read(tenant, queue, 1, { eventsMax: 0, bytesMax: 0 });
  return Math.max(firstKept, head - count + 1);
}

/** A job is open while its parcel's claim is free and points at that place of the pool. */
async function firstJobs({ parts: { storage }, tenant }: Desk, queue: string, from: number): Promise<QueueDetail["jobs"]> {
  const { events } = await storage.read(tenant, queue, from, { eventsMax: JOBS_LOOK_MAX, bytesMax: limits.peekBytesMax });
  const claims = await storage.claims(
    tenant,
    events.map(({ parcel }) => parcel),
  );
  const open = events.filter(({ offset }, index) => claims[index]?.claim.state === "free" && claims[index].poolOffset === offset);
  return open.slice(0, JOBS_MAX).map((event) => ({ ...jobOf(event), sinceMs: event.recordedAtMs }));
}

const placedSchema = z.object({ store: z.string() });
const jobOf = ({ offset, parcel, body }: StoredEvent) => ({
  offset,
  parcel,
  store: placedSchema.parse(parseJson(body, `the job ${offset}`)).store,
});

/** The waits of one socket: a few at a time, and none outlives it. */
function waitsOf(socket: Socket): { one(wait: (signal: AbortSignal) => Promise<void>): Promise<void> } {
  const left = new AbortController();
  socket.once("disconnect", () => left.abort());
  let waiting = 0;
  return {
    async one(wait) {
      if (waiting >= limits.waitingPerSocketMax)
        throw new HubError("BUSY", `${waiting} requests of this socket wait for something new already; await one of them.`);
      waiting += 1;
      try {
        await wait(left.signal);
      } finally {
        waiting -= 1;
      }
    },
  };
}
