import { limits } from "@waybill/events";
import { expect, test } from "vitest";
import { createPresence } from "./presence.ts";

const acme = { tenant: "default", role: "vendor", id: "acme" } as const;
const time = (ms: number) => new Date(ms).toISOString();

test("who has two connections is there until the second is gone, and was seen last then", () => {
  const presence = createPresence();
  expect(presence.came(acme, "ana", "s1", 1_000)).toBe(1);
  expect(presence.came(acme, "ana", "s2", 2_000)).toBe(2);
  expect(presence.left(acme, "ana", "s1", 3_000)).toBe(1);
  const ana = { role: "vendor", id: "acme", subject: "ana" };
  expect(presence.at(acme)).toEqual([{ ...ana, online: true, socket: "s2", at: time(2_000) }]);
  expect(presence.left(acme, "ana", "s2", 4_000)).toBe(0);
  expect(presence.at(acme)).toEqual([{ ...ana, online: false, at: time(4_000) }]);
  presence.came(acme, "ana", "s3", 5_000);
  expect(presence.at(acme)).toEqual([{ ...ana, online: true, socket: "s3", at: time(5_000) }]);
});

test("places, roles and tenants are apart", () => {
  const presence = createPresence();
  presence.came(acme, "ana", "s1", 1);
  presence.came({ ...acme, tenant: "other" }, "olga", "s2", 1);
  presence.came({ ...acme, role: "driver" }, "dana", "s3", 1);
  presence.came({ ...acme, id: "acme-2" }, "ben", "s4", 1);
  expect(presence.at(acme).map(({ subject }) => subject)).toEqual(["ana"]);
  expect(presence.list("default", "vendor", "").people.map(({ subject }) => subject)).toEqual(["ana", "ben"]);
  expect(presence.list("default", "vendor", "acme").people.map(({ subject }) => subject)).toEqual(["ben"]);
});

test("of those who left, the latest are remembered; who is there is never forgotten", () => {
  const presence = createPresence(2);
  for (const [index, name] of ["ana", "ben", "cy", "dan"].entries()) presence.came(acme, name, `s${index}`, index);
  for (const [index, name] of ["ana", "ben", "cy"].entries()) presence.left(acme, name, `s${index}`, 10 + index);
  expect(presence.at(acme).map(({ subject, online }) => [subject, online])).toEqual([
    ["dan", true],
    ["cy", false],
    ["ben", false],
  ]);
});

test("a list ends between two places, and goes on behind the last", () => {
  const presence = createPresence();
  const ids = ["a", "b", "c"];
  for (const id of ids) for (let n = 0; n < 300; n += 1) presence.came({ ...acme, id }, `p${n}`, `${id}${n}`, 1);
  const first = presence.list("default", "vendor", "");
  expect(first).toMatchObject({ more: true });
  expect(first.people).toHaveLength(600);
  expect(first.people.length).toBeGreaterThan(limits.peopleMax);
  expect(presence.list("default", "vendor", "b")).toMatchObject({ more: false, people: { length: 300 } });
});
