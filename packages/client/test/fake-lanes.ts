import {
  type Confirm,
  decodeFrame,
  HubError,
  type HubErrorBody,
  type LaneConfirm,
  type LanePart,
  parcelEventSchema,
  parseJson,
  publishHeaderSchema,
  type Subscribe,
  type Welcome,
} from "@waybill/events";

export type Stored = { id: string; parcel: string; type: string; body: Uint8Array };
export type Refusal = { code: string; retry: HubErrorBody["retry"]; message: string };

export type Faults = {
  /** Asked for each connection: a refusal by the middleware, or none. */
  refuseConnection?: (auth: Record<string, unknown>) => Refusal | null;
  /** Asked for each event, before it is stored. */
  refuseEvent?: (event: Stored & { queue: string; number: number }) => Refusal | null;
  refuseFrame?: (events: number) => Refusal | null;
  /** Stores, and never answers. */
  dropConfirms?: number;
  /** Repeats are answered without a look at their ids, as those beyond a lane's last 1,024. */
  forgetsIds?: boolean;
  /** What the hub answers to a publish frame, instead of what it should. */
  confirmOf?: (confirm: LaneConfirm) => LaneConfirm;
  /** What the hub answers to a `resume`. */
  resume?: (request: Subscribe) => { resumed: "agrees" | "set-back" | "unknown" };
  refuseHello?: () => Refusal | null;
  /** Keeps frames back until the function is called. */
  beforeDeliver?: (send: () => void) => void;
  /** Keeps settles, syncs and publish frames back, in their order, until the function is called: a slow way to the hub. */
  beforeHear?: (name: string, hear: () => void) => void;
  welcome?: Partial<Welcome["limits"]>;
  /** Offsets whose receipts are refused. */
  foreign?: Set<number>;
  silent?: boolean;
};

export const refusal = (error: HubErrorBody): object => ({ outcome: "refused", error });

type Lanes = {
  faults: Faults;
  /** By producer and queue: ids in the order of their numbers; `null`: a void. */
  lanes: Map<string, (string | null)[]>;
  frames: { lanes: number; events: number }[];
  events(queue: string): Stored[];
  store(queue: string, event: Stored): number;
};

/** The fake hub's answer to a publish frame: lanes, duplicates, refusals, all by the contract. `wire`: the version that its client speaks. */
export function takeFrame(hub: Lanes, producer: string, { frame, wire }: { frame: Uint8Array; wire: number }): Confirm {
  const { header, bodies } = decodeFrame(frame);
  const { lanes } = publishHeaderSchema.parse(header);
  hub.frames.push({ lanes: lanes.length, events: bodies.length });
  const refused = hub.faults.refuseFrame?.(bodies.length) ?? null;
  if (refused !== null) return { outcome: "refused", error: refused };
  let next = 0;
  const confirms: LaneConfirm[] = [];
  for (const { queue, first, count, void: voids = [] } of lanes) {
    const key = `${producer} ${queue}`;
    const lane = hub.lanes.get(key) ?? [];
    hub.lanes.set(key, lane);
    const confirm: LaneConfirm = { queue, confirmedTo: 0, stored: [], duplicates: [] };
    for (let number = first; number < first + count; number += 1) {
      const body = voids.includes(number) ? null : (bodies[next++] ?? null);
      if (confirm.refused !== undefined) continue;
      const event = body === null ? null : parcelEventSchema.parse(parseJson(body, "event"));
      if (number <= lane.length) {
        const known = hub.faults.forgetsIds === true ? null : (lane[number - 1] ?? null);
        if (event !== null && known !== null && known !== event.id)
          confirm.refused = { number, error: new HubError("SEQUENCE_REUSED", `Number ${number} has id ${known}.`).toBody() };
        else confirm.duplicates.push([number, 1, event === null ? 0 : hub.events(queue).findIndex(({ id }) => id === event.id) + 1]);
      } else if (number > lane.length + 1) {
        confirm.refused = { number, error: new HubError("SEQUENCE_GAP", `Expected ${lane.length + 1}.`).toBody() };
      } else if (event === null || body === null) {
        lane.push(null);
      } else {
        const stored: Stored = { id: event.id, parcel: event.parcel, type: event.type, body: Uint8Array.from(body) };
        const no = hub.faults.refuseEvent?.({ ...stored, queue, number }) ?? null;
        if (no !== null) confirm.refused = { number, error: no };
        else {
          lane.push(event.id);
          confirm.stored.push([number, 1, hub.store(queue, stored)]);
        }
      }
    }
    confirm.confirmedTo = lane.length;
    confirms.push(hub.faults.confirmOf?.(confirm) ?? confirm);
  }
  const isScripted = hub.faults.confirmOf !== undefined;
  return (wire >= 2 && !isScripted ? shortConfirm(confirms, lanes) : null) ?? { outcome: "confirmed", lanes: confirms };
}

/** `null`: not all of the frame was stored now, each lane's part in one run. */
function shortConfirm(confirms: readonly LaneConfirm[], parts: readonly LanePart[]): Confirm | null {
  const offsets: number[] = [];
  for (const [at, { count }] of parts.entries()) {
    const stored = confirms[at]?.stored ?? [];
    const [, , from = 0] = stored[0] ?? [];
    if (stored.length !== count || stored.some(([, , offset], index) => offset !== from + index)) return null;
    offsets.push(from);
  }
  return { outcome: "stored", offsets };
}
