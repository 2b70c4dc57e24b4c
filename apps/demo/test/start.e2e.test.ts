import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSupervisor, type JsonLine, type Program } from "@waybill/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("../bin/start.js", import.meta.url));
let data = "";
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "waybill-start-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const says = (who: string, what: Record<string, unknown>) => (line: JsonLine) =>
  line.who === who && Object.entries(what).every(([field, value]) => line[field] === value);
const isDelivered = (line: JsonLine) => line.who === "stores" && JSON.stringify(line.event ?? null).includes('"type":"delivered"');
const numberOf = (line: JsonLine) => Number(String(line.parcel).slice(2));

/** A quick day: an hour of the drivers' in less than two seconds. */
const args = () => ["--port", "0", "--data", data, "--every", "100ms", "--speed", "2000"];
async function nextOrder(program: Program): Promise<number> {
  return numberOf(await program.awaitLine(says("shops", { what: "ready" })));
}

test("parcels go from the shops over the drivers to the stores; stopped and started again, it goes on where it was", async () => {
  await using supervisor = createSupervisor();
  const orders: number[] = [];
  const program = supervisor.start({
    name: "start",
    script,
    args: args(),
    onLine: (line) => {
      if (says("shops", { what: "ready" })(line)) orders.push(numberOf(line));
    },
  });
  const join = await program.awaitLine(says("start", { msg: "join" }));
  expect(join.token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  await program.awaitLine(isDelivered);
  expect(orders[0]).toBe(1);
  expect(await program.stop()).toEqual({ code: 0, signal: null });
  await expect(fetch(`${join.url}/healthz`)).rejects.toThrow();

  const last = Math.max(...orders);
  program.restart();
  expect(await nextOrder(program)).toBeGreaterThan(last);
  await program.awaitLine(isDelivered);
  expect(await program.stop()).toEqual({ code: 0, signal: null });
});

test("a data folder that another hub holds is refused, and everything is stopped", async () => {
  await using supervisor = createSupervisor();
  const first = supervisor.start({ name: "first", script, args: args() });
  await first.awaitLine(says("hub", { msg: "ready" }));
  const ended = Promise.withResolvers<number | null>();
  const second = supervisor.start({ name: "second", script, args: args(), onCrash: ({ code }) => ended.resolve(code) });
  expect(await ended.promise).not.toBe(0);
  expect(second.stderrTail.join("\n")).toContain("DATA_HELD");
  expect(first.running).toBe(true);
});
