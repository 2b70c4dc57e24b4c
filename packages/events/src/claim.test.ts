import { expect, test } from "vitest";
import { type Claim, type ClaimInput, claimStep, holderOf, noClaim } from "./claim.ts";

const base = { epoch: 4, store: "acme", zone: "north", sinceMs: 100 };
/** Every state, seen by driver `me` and store `acme`. */
const states = {
  none: noClaim,
  free: { ...base, state: "free" },
  "taken by me": { ...base, state: "taken", driver: "me" },
  "taken by another": { ...base, state: "taken", driver: "her" },
  "picked up by me": { ...base, state: "picked-up", driver: "me" },
  "picked up by another": { ...base, state: "picked-up", driver: "her" },
  "cancelled while free": { ...base, state: "cancelled", driver: null },
  "cancelled while held": { ...base, state: "cancelled", driver: "her" },
} as const satisfies Record<string, Claim>;

const inputs = {
  ready: { type: "ready", store: "acme", zone: "north", nowMs: 200 },
  "ready, other zone": { type: "ready", store: "acme", zone: "south", nowMs: 200 },
  "ready, other store": { type: "ready", store: "rival", zone: "north", nowMs: 200 },
  take: { type: "take", driver: "me", nowMs: 200 },
  handback: { type: "handback", driver: "me", nowMs: 200 },
  pickup: { type: "pickup", driver: "me", store: "acme", nowMs: 200 },
  "pickup, other store": { type: "pickup", driver: "me", store: "rival", nowMs: 200 },
  cancel: { type: "cancel", store: "acme", nowMs: 200 },
  "cancel, other store": { type: "cancel", store: "rival", nowMs: 200 },
} as const satisfies Record<string, ClaimInput>;

type StateName = keyof typeof states;
type InputName = keyof typeof inputs;
/** What comes out: the next state with its holder, `same`, or the code of the refusal. */
type Expected =
  | "same"
  | "free"
  | "free in south"
  | "taken by me"
  | "picked up by me"
  | "cancelled"
  | "cancelled from her"
  | "cancelled from me"
  | "CLAIM_LOST"
  | "UNKNOWN_PARCEL"
  | "FORBIDDEN"
  | "INVALID_EVENT"
  | "free for rival";

const table: Record<StateName, Record<InputName, Expected>> = {
  none: {
    ready: "free",
    "ready, other zone": "free in south",
    "ready, other store": "free for rival",
    take: "UNKNOWN_PARCEL",
    handback: "UNKNOWN_PARCEL",
    pickup: "same",
    "pickup, other store": "same",
    cancel: "same",
    "cancel, other store": "same",
  },
  free: {
    ready: "same",
    "ready, other zone": "INVALID_EVENT",
    "ready, other store": "FORBIDDEN",
    take: "taken by me",
    handback: "same",
    pickup: "picked up by me",
    "pickup, other store": "same",
    cancel: "cancelled",
    "cancel, other store": "FORBIDDEN",
  },
  "taken by me": {
    ready: "same",
    "ready, other zone": "INVALID_EVENT",
    "ready, other store": "FORBIDDEN",
    take: "same",
    handback: "free",
    pickup: "picked up by me",
    "pickup, other store": "same",
    cancel: "cancelled from me",
    "cancel, other store": "FORBIDDEN",
  },
  "taken by another": {
    ready: "same",
    "ready, other zone": "INVALID_EVENT",
    "ready, other store": "FORBIDDEN",
    take: "CLAIM_LOST",
    handback: "CLAIM_LOST",
    pickup: "CLAIM_LOST",
    "pickup, other store": "same",
    cancel: "cancelled from her",
    "cancel, other store": "FORBIDDEN",
  },
  "picked up by me": {
    ready: "same",
    "ready, other zone": "INVALID_EVENT",
    "ready, other store": "FORBIDDEN",
    take: "same",
    handback: "CLAIM_LOST",
    pickup: "same",
    "pickup, other store": "same",
    cancel: "cancelled from me",
    "cancel, other store": "FORBIDDEN",
  },
  "picked up by another": {
    ready: "same",
    "ready, other zone": "INVALID_EVENT",
    "ready, other store": "FORBIDDEN",
    take: "CLAIM_LOST",
    handback: "CLAIM_LOST",
    pickup: "CLAIM_LOST",
    "pickup, other store": "same",
    cancel: "cancelled from her",
    "cancel, other store": "FORBIDDEN",
  },
  "cancelled while free": {
    ready: "free",
    "ready, other zone": "free in south",
    "ready, other store": "FORBIDDEN",
    take: "CLAIM_LOST",
    handback: "CLAIM_LOST",
    pickup: "same",
    "pickup, other store": "same",
    cancel: "same",
    "cancel, other store": "FORBIDDEN",
  },
  "cancelled while held": {
    ready: "free",
    "ready, other zone": "free in south",
    "ready, other store": "FORBIDDEN",
    take: "CLAIM_LOST",
    handback: "CLAIM_LOST",
    pickup: "same",
    "pickup, other store": "same",
    cancel: "same",
    "cancel, other store": "FORBIDDEN",
  },
};

/** The next claim of each expected move; epoch and time are added. */
const moves: Partial<Record<Expected, object>> = {
  free: { state: "free", store: "acme", zone: "north" },
  "free in south": { state: "free", store: "acme", zone: "south" },
  "free for rival": { state: "free", store: "rival", zone: "north" },
  "taken by me": { state: "taken", store: "acme", zone: "north", driver: "me" },
  "picked up by me": { state: "picked-up", store: "acme", zone: "north", driver: "me" },
  cancelled: { state: "cancelled", store: "acme", zone: "north", driver: null },
  "cancelled from me": { state: "cancelled", store: "acme", zone: "north", driver: "me" },
  "cancelled from her": { state: "cancelled", store: "acme", zone: "north", driver: "her" },
};

for (const [stateName, row] of Object.entries(table) as [StateName, Record<InputName, Expected>][]) {
  for (const [inputName, expected] of Object.entries(row) as [InputName, Expected][]) {
    test(`${stateName}, ${inputName}: ${expected}`, () => {
      const claim = states[stateName];
      const step = claimStep(claim, inputs[inputName]);
      const next = moves[expected];
      if (next) expect(step).toEqual({ outcome: "moved", claim: { ...next, epoch: claim.epoch + 1, sinceMs: 200 } });
      else if (expected === "same") expect(step).toEqual({ outcome: "same" });
      else expect(step).toEqual({ outcome: "refused", code: expected, message: expect.stringMatching(/^[A-Z].*[a-z]{3}.*\.$/) });
    });
  }
}

test("a refusal never names the driver who holds the job", () => {
  for (const claim of Object.values(states)) {
    for (const input of Object.values(inputs)) expect(JSON.stringify(claimStep(claim, input))).not.toMatch(/"message":"[^"]*\b(her|me)\b/);
  }
});

test("a pickup that names no store is about the claim's parcel", () => {
  expect(claimStep(states.free, { type: "pickup", driver: "me", nowMs: 200 }).outcome).toBe("moved");
});

test("after the pickup the refusal says why the job cannot be handed back", () => {
  expect(claimStep(states["picked up by me"], inputs.handback)).toMatchObject({
    message: expect.stringContaining("After the pickup a job cannot be handed back"),
  });
});

test("the holder is known while held and remembered after a cancellation", () => {
  expect(Object.values(states).map(holderOf)).toEqual([null, null, "me", "her", "me", "her", null, "her"]);
});

test("a step leaves the claim that it was given as it was", () => {
  for (const claim of Object.values(states)) {
    const before = structuredClone(claim);
    for (const input of Object.values(inputs)) claimStep(claim, input);
    expect(claim).toEqual(before);
  }
});
