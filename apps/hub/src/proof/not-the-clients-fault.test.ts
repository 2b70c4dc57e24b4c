import { HubError } from "@waybill/events";
import { expect, test } from "vitest";
import type { Proof } from "../hub-parts.ts";
import { triedAgain } from "./not-the-clients-fault.ts";

function rig() {
  const faults: unknown[] = [];
  const proof = { fault: (what: string, error: unknown) => void faults.push([what, error]) } as unknown as Proof;
  return { faults, session: { parts: { proof } } };
}

test("a hub that cannot read its data asks a client to come back later, and its log says why", async () => {
  const { faults, session } = rig();
  const damaged = new HubError("DATA_DAMAGED", "database disk image is malformed");
  const subscribe = triedAgain("subscribe", () => Promise.reject(damaged));
  await expect(subscribe({}, session)).rejects.toMatchObject({ code: "STORAGE_FAILED", retry: "backoff" });
  expect(faults).toEqual([['"subscribe" could not be answered', damaged]]);
});

test("what is wrong with the request itself stays as it is, and so does an answer", async () => {
  const { faults, session } = rig();
  const forbidden = triedAgain("subscribe", () => Promise.reject(new HubError("FORBIDDEN", "not yours")));
  await expect(forbidden({}, session)).rejects.toMatchObject({ code: "FORBIDDEN", retry: "never" });
  expect(await triedAgain("sync", async () => "done")({}, session)).toBe("done");
  expect(faults).toEqual([]);
});
