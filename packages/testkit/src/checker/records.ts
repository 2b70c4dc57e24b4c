/**
 * What clients write of themselves, and the checker reads: a line each, in the order of the writing.
 * `t` is `monotonicUs()`, comparable between all processes of one machine. No answer means unknown, never failed.
 */

/** A publisher's file (a driver's, or a store's that asks for pickups). */
export type PublisherRecord =
  /** Before the outbox commits. `producer` names the outbox. */
  | { kind: "intent"; t: number; producer: string; id: string; type: string; parcel: string; store: string }
  /** The hub's answer: `queue` and `offset` when it has it; offset 0: it has it, and no longer knows where. */
  | { kind: "answer"; t: number; id: string; outcome: "stored" | "duplicate"; queue: string; offset: number }
  | { kind: "refused"; t: number; id: string; code: string }
  /** Before a take is asked for. */
  | { kind: "take"; t: number; driver: string; parcel: string }
  /** The job is this driver's: told by the take's answer, or asked for after a restart. */
  | { kind: "held"; t: number; driver: string; parcel: string; store: string; claim: number }
  | { kind: "not-held"; t: number; driver: string; parcel: string; code: string }
  /** Before a handback is asked for: from here on the driver counts no longer as the holder. */
  | { kind: "handback"; t: number; driver: string; parcel: string }
  | { kind: "handed-back"; t: number; driver: string; parcel: string };

/** A vendor's effects, in the order of their commit: its own truth. */
export type VendorRecord =
  /** Written before the handler returns. `driver`: of `claimed` and `released`. */
  | {
      kind: "applied";
      t: number;
      queue: string;
      offset: number;
      parcel: string;
      id: string;
      type: string;
      redrive: number;
      driver?: string;
    }
  /** Offered once more after it had been applied, recognised and not applied. */
  | { kind: "repeat"; t: number; queue: string; offset: number; id: string };

type Shape = Readonly<Record<string, "string" | "number">>;
const shapes: Readonly<Record<string, Shape>> = {
  intent: { t: "number", producer: "string", id: "string", type: "string", parcel: "string", store: "string" },
  answer: { t: "number", id: "string", outcome: "string", queue: "string", offset: "number" },
  refused: { t: "number", id: "string", code: "string" },
  take: { t: "number", driver: "string", parcel: "string" },
  held: { t: "number", driver: "string", parcel: "string", store: "string", claim: "number" },
  "not-held": { t: "number", driver: "string", parcel: "string", code: "string" },
  handback: { t: "number", driver: "string", parcel: "string" },
  "handed-back": { t: "number", driver: "string", parcel: "string" },
  applied: { t: "number", queue: "string", offset: "number", parcel: "string", id: "string", type: "string", redrive: "number" },
  repeat: { t: "number", queue: "string", offset: "number", id: "string" },
};
const vendorKinds: readonly string[] = ["applied", "repeat"];

export const isPublisherRecord = (value: unknown): value is PublisherRecord => isRecord(value) && !vendorKinds.includes(value.kind);
export const isVendorRecord = (value: unknown): value is VendorRecord => isRecord(value) && vendorKinds.includes(value.kind);

function isRecord(value: unknown): value is { kind: string } {
  if (typeof value !== "object" || value === null || !("kind" in value) || typeof value.kind !== "string") return false;
  const shape = shapes[value.kind];
  return shape !== undefined && Object.entries(shape).every(([field, type]) => typeof Reflect.get(value, field) === type);
}
