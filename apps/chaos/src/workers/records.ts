/** The lines of a client's own history: what it meant, before; what it was told, after. Times in µs of a clock that all processes share. */
export type ClientRecord =
  /** Before it goes into the outbox, or onto the wire. */
  | { kind: "intent"; t: number; id: string; producer: string; parcel: string; store: string; n: number; print: string }
  /** It is durable in the outbox. */
  | { kind: "kept"; t: number; ids: readonly string[] }
  /** The hub has it. Offset 0: not told. */
  | { kind: "answer"; t: number; id: string; outcome: "stored" | "duplicate"; queue: string; offset: number }
  | { kind: "refused"; t: number; id: string; code: string }
  /** Something that must never happen, seen by the client itself; which invariant it breaks. */
  | { kind: "broken"; t: number; invariant: Invariant; message: string }
  /** A stale owner's ack for this event was sent while another one surely held it: it must not count. */
  | { kind: "fenced"; t: number; id: string }
  /** The same, but nobody can tell who held it then: no judgement on this event. */
  | { kind: "unclear"; t: number; id: string }
  /** A check of the client's own went well. */
  | { kind: "proved"; t: number; invariant: Invariant; what: string };

export const invariants = ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "I14"] as const;
export type Invariant = (typeof invariants)[number];

const kinds = new Set(["intent", "kept", "answer", "refused", "broken", "fenced", "unclear", "proved"]);

/** Histories are written by our own workers: their kind is looked at, no more. */
export const isClientRecord = (line: unknown): line is ClientRecord =>
  typeof line === "object" && line !== null && "kind" in line && typeof line.kind === "string" && kinds.has(line.kind);
