import { limits } from "@waybill/events";
import { expect, test } from "vitest";
import type { SessionParts, SessionStart } from "../sessions/session-parts.ts";
import { depart, enter } from "./enter.ts";
import { createPresence } from "./presence.ts";

/** A socket comes to a store where so many are, itself included. Who is told of it. */
function comeTo(sockets: number): string[] {
  const told: string[] = [];
  const audienceOf = (name: string) => ({ emit: () => void told.push(name) });
  const rooms = { get: () => new Set(Array.from({ length: sockets }, (_, index) => `s${index}`)) };
  const socket = { id: "s0", join: () => {}, on: () => {}, to: () => audienceOf("neighbours"), nsp: { adapter: { rooms } } };
  const parts = { presence: createPresence(), audience: { operators: () => audienceOf("operators") }, clock: { nowMs: () => 0 } };
  const start = { socket, identity: { subject: "ana" } } as unknown as SessionStart;
  enter(parts as unknown as SessionParts, start, [{ tenant: "default", role: "vendor", id: "acme" }]);
  return told;
}

test("who comes is told to its neighbours and to operators; where there are very many, to operators alone", () => {
  expect(comeTo(2)).toEqual(["neighbours", "operators"]);
  expect(comeTo(limits.presenceToldMax)).toEqual(["neighbours", "operators"]);
  expect(comeTo(limits.presenceToldMax + 1)).toEqual(["operators"]);
});

test("what is told of one who comes and goes has the time that is remembered of it", () => {
  let nowMs = 0;
  const told: unknown[] = [];
  const audience = { emit: (_: string, { at }: { at: string }) => void told.push(at) };
  const socket = { id: "s0", join: () => {}, to: () => audience, nsp: { adapter: { rooms: new Map() } } };
  const presence = createPresence();
  const parts = { presence, audience: { operators: () => null }, clock: { nowMs: () => nowMs++ } } as unknown as SessionParts;
  const start = { socket, identity: { subject: "ana" } } as unknown as SessionStart;
  const place = { tenant: "default", role: "vendor", id: "acme" } as const;
  enter(parts, start, [place]);
  expect(presence.at(place)).toMatchObject([{ at: told[0] }]);
  depart(parts, start, [place]);
  expect(presence.at(place)).toMatchObject([{ at: told[1] }]);
});
