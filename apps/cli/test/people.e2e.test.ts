import { createDriver, createVendor } from "@waybill/client";
import { startHub } from "@waybill/testkit";
import { expect, test } from "vitest";
import { runProgram } from "./run-program.ts";

test("who is online is listed, told, and asked", async () => {
  await using hub = await startHub();
  const env = { WAYBILL_URL: hub.url, WAYBILL_TOKEN: hub.token({ role: "admin", sub: "ada" }) };
  const waybill = (...args: string[]) => runProgram(args, { env });
  await using driver = createDriver({ url: hub.url, token: hub.token({ role: "driver", sub: "dana", driver: "dana" }) });
  await using vendor = createVendor({ url: hub.url, token: hub.token({ role: "vendor", sub: "ana", stores: ["acme"] }) });
  await Promise.all([driver.ready(), vendor.ready()]);

  const [who, notice, others, call] = await Promise.all([
    waybill("who", "--role", "vendor"),
    waybill("notice", "Snow until noon."),
    waybill("notice", "Snow until noon.", "--zone", "north", "--except-store", "acme"),
    waybill("roll-call", "All well?", "--drivers", "--wait", "20s", "--timeout", "60s"),
  ]);
  expect(who.records).toMatchObject([{ id: "acme", subject: "ana", online: "yes" }]);
  expect(notice.records).toEqual([{ sockets: 2 }]);
  expect(others.records).toEqual([{ sockets: 0 }]);
  expect(call.records).toEqual([{ asked: 1, answered: 1, answers: ["online"] }]);
});
