import { adminRequests, HubError, parseJson, queueParts, type Reason, type StoredEventSummary } from "@waybill/events";
import type { Explained } from "@waybill/queue";
import type { StoredEvent } from "@waybill/storage";
import { letterAt } from "../dispatch/dead-letter.ts";
import type { Handlers } from "../edge/handlers.ts";
import { notBeforeMsOf } from "../publish/not-before.ts";
import { copyOf } from "./copy-of.ts";
import type { Desk } from "./desk.ts";

/** `event:show`, `event:explain`. */
export function handleEventRequests(on: Handlers<null>, desk: Desk): void {
  const { storage, clock, receipts } = desk.parts;

  const eventAt = async (queue: string, offset: number): Promise<StoredEvent | undefined> =>
    (await storage.readOffsets(desk.tenant, queue, [offset]))[0];

  on.request("event:show", adminRequests["event:show"].request, async ({ queue, offset }) => {
    const event = await eventAt(queue, offset);
    if (!event) throw await unknownEvent(queue, offset);
    const shown = { outcome: "event", stored: storedOf(event), event: parseJson(event.body, `event ${offset}`) };
    if (queueParts(queue).kind !== "store") return shown;
    const [receipt] = await receipts.states(await receipts.look(desk.tenant, queue, [offset]));
    return { ...shown, receipt: receipt?.state };
  });

  on.request("event:explain", adminRequests["event:explain"].request, async ({ offset: asked, home, knows = [], ...name }) => {
    const runner = await desk.runner(name);
    const { queue } = runner.key;
    const answer = { outcome: "explained", redrive: 0, nowMs: clock.nowMs() } as const;
    let offset = asked;
    if (home !== undefined && home !== queue) {
      const original = await eventAt(home, asked);
      if (!original) throw await unknownEvent(home, asked);
      const copy = await copyOf(storage, desk.tenant, queue, original);
      const reason: Reason = { because: "not-routed", home };
      if (!copy) return { ...answer, offset: 0, stored: storedOf(original), first: 0, reason };
      offset = copy.offset;
    }
    const event = await eventAt(queue, offset);
    const about = event ? aboutOf(event) : { offset };
    const { first, redrive, reason } = await runner.ask((engine) => engine.explain(about, clock.nowMs()));
    const told = { ...answer, offset, stored: event ? storedOf(event) : null, first, redrive };
    const isKnown = reason.because === "ahead" || redrive > 0;
    if (isKnown || (event && reason.because !== "settled")) return { ...told, reason: asKnown(reason, knows) };
    return { ...told, reason: await reasonOfSettled(desk, { ...name, offset, type: event?.type }) };
  });

  /** Not published yet, or retained away. */
  const unknownEvent = async (queue: string, offset: number): Promise<HubError> => {
    const { head, firstKept } = await storage.read(desk.tenant, queue, offset, { eventsMax: 0, bytesMax: 0 });
    const where = offset > head ? `it ends at ${head}` : `history before ${firstKept} was retained away`;
    return new HubError("UNKNOWN_EVENT", `${queue} has no event at offset ${offset}: ${where}.`);
  };
}

function aboutOf({ offset, parcel, type, body }: StoredEvent): Explained {
  const about = { offset, key: parcel, type };
  const notBeforeMs = notBeforeMsOf(body);
  return notBeforeMs === undefined ? about : { ...about, notBeforeMs };
}

/** To a client of version 1, what is delayed rests without ever having failed. */
function asKnown(reason: Reason, knows: readonly string[]): Reason {
  if (reason.because !== "delayed" || knows.includes("delayed")) return reason;
  return { because: "resting", dueMs: reason.untilMs, failed: 0, interrupted: 0 };
}

/** The engine knows that it is done with it; how, the storage does. */
async function reasonOfSettled(
  { parts: { storage, registry }, row }: Desk,
  { offset, type, ...name }: { queue: string; group?: string | undefined; offset: number; type: string | undefined },
): Promise<Reason> {
  const found = await row(name);
  const { key, types, firstKept } = found;
  const letter = await letterAt(storage, key, offset);
  if (letter) return { because: "dead", buriedAtMs: letter.buriedAtMs, redrive: letter.redrive, attempts: letter.notes.length };
  if (type === undefined) {
    const gap = registry.gaps(found).find(({ from, to }) => from <= offset && offset <= to);
    return { because: "trimmed", firstKept, ...(gap ? { gap } : {}) };
  }
  return types && !types.includes(type) ? { because: "unwanted" } : { because: "settled" };
}

const storedOf = ({ body: _body, ...event }: StoredEvent): StoredEventSummary => event;
