import { HubError } from "@waybill/events";
import { expect, test } from "vitest";
import { delivered, newDriver, startHub } from "./setup.ts";

test("a publish resolves when the hub has stored it, with queue and offset", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const first = await driver.publish({ ...delivered("p1"), id: "e1" });
  expect(first).toEqual({ outcome: "stored", id: "e1", queue: "store/acme", offset: 1 });
  expect(await driver.publish(delivered("p1"))).toMatchObject({ outcome: "stored", offset: 2 });
  expect(driver.outbox).toEqual({ pending: 0, oldest: null, refused: [] });
});

test("what is published in one turn goes out in one frame, in its order", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const ids = Array.from({ length: 300 }, (_, i) => `e${i}`);
  await Promise.all(ids.map((id, i) => driver.publish({ ...delivered(`p${i % 7}`, i % 2 === 0 ? "acme" : "zoo"), id })));
  expect(hub.frames).toEqual([{ lanes: 2, events: 300 }]);
  expect(hub.events("store/acme").map(({ id }) => id)).toEqual(ids.filter((_, i) => i % 2 === 0));
  expect(hub.events("store/zoo").map(({ id }) => id)).toEqual(ids.filter((_, i) => i % 2 === 1));
});

test("frames keep the limits that `welcome` tells", async () => {
  const hub = await startHub({ welcome: { batchEventsMax: 10, frameBytesMax: 1_400, publishesInFlightMax: 3 } });
  const driver = newDriver(hub);
  const all = Array.from({ length: 100 }, (_, i) => driver.publish(delivered(`p${i}`, `s${i % 3}`)));
  await Promise.all(all);
  expect(hub.frames.reduce((sum, { events }) => sum + events, 0)).toBe(100);
  expect(Math.max(...hub.frames.map(({ events }) => events))).toBeLessThanOrEqual(10);
  expect(hub.frames.length).toBeGreaterThan(10);
});

test("an event that breaks its schema never enters the outbox", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  const error = await driver.publish({ type: "attempt-failed", parcel: "p1", store: "acme" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HubError);
  expect(error).toMatchObject({ code: "INVALID_EVENT", issues: [{ path: "data.reason" }, { path: "data.action" }] });
  await expect(
    driver.publish({ type: "message", parcel: "p1", store: "acme", data: { text: "x" }, id: "not an id" }),
  ).rejects.toMatchObject({ code: "INVALID_EVENT" });
  expect(driver.outbox.pending).toBe(0);
});

test("an event that is too large never enters the outbox", async () => {
  const hub = await startHub({ welcome: { eventBytesMax: 500 } });
  const driver = newDriver(hub);
  await driver.ready();
  await expect(driver.publish({ type: "message", parcel: "p1", store: "acme", data: { text: "x".repeat(500) } })).rejects.toMatchObject({
    code: "EVENT_TOO_LARGE",
  });
});

test("when a confirm is lost, the event is sent again and answered as a duplicate, with its offset", async () => {
  const hub = await startHub({ dropConfirms: 1 });
  const driver = newDriver(hub, { answerMs: 50 });
  expect(await driver.publish(delivered("p1"))).toMatchObject({ outcome: "duplicate", offset: 1 });
  expect(hub.events("store/acme")).toHaveLength(1);
});

test("what was under way when the connection broke is sent again, in order, and nothing twice", async () => {
  const hub = await startHub({ welcome: { batchEventsMax: 3, publishesInFlightMax: 2 } });
  const driver = newDriver(hub);
  let left = 4;
  hub.faults.refuseEvent = () => {
    left -= 1;
    if (left === 0) for (const socket of hub.sockets) socket.conn.close();
    return null;
  };
  const ids = Array.from({ length: 40 }, (_, i) => `e${i}`);
  await Promise.all(ids.map((id) => driver.publish({ ...delivered("p1"), id })));
  expect(hub.events("store/acme").map(({ id }) => id)).toEqual(ids);
  expect(hub.connections).toBe(2);
});

test("backoff stops only its own lane, and order is kept when it goes on", async () => {
  const hub = await startHub();
  let full = 2;
  hub.faults.refuseEvent = ({ queue }) =>
    queue === "store/full" && full-- > 0 ? { code: "QUEUE_FULL", retry: "backoff", message: "full" } : null;
  const driver = newDriver(hub);
  const ids = Array.from({ length: 20 }, (_, i) => `e${i}`);
  const slow = Promise.all(ids.map((id) => driver.publish({ ...delivered("p1", "full"), id })));
  expect(await driver.publish(delivered("p2"))).toMatchObject({ outcome: "stored" });
  expect(hub.events("store/full")).toHaveLength(0);
  await slow;
  expect(hub.events("store/full").map(({ id }) => id)).toEqual(ids);
});

test("refused for good: the event moves to `refused`, its number goes out as a void, the lane goes on", async () => {
  const hub = await startHub({
    refuseEvent: ({ id }) => (id === "e2" ? { code: "FORBIDDEN", retry: "never", message: "not yours" } : null),
  });
  const driver = newDriver(hub);
  const told: string[] = [];
  driver.listen("refused", ({ event }) => told.push(event.id));
  const results = await Promise.allSettled(["e1", "e2", "e3"].map((id) => driver.publish({ ...delivered("p1"), id })));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { code: "FORBIDDEN" } });
  expect(told).toEqual(["e2"]);
  expect([...hub.lanes.values()]).toEqual([["e1", null, "e3"]]);
  expect(driver.outbox).toMatchObject({ pending: 0, refused: [{ event: { id: "e2" }, error: { code: "FORBIDDEN" } }] });
  expect(await driver.takeRefused()).toHaveLength(1);
  expect(driver.outbox.refused).toEqual([]);
});

test("a number is confirmed when the hub says so, not because it was sent", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  let isFirst = true;
  hub.faults.confirmOf = (confirm) => {
    if (!isFirst) return confirm;
    isFirst = false;
    return { queue: confirm.queue, confirmedTo: 1, stored: [[1, 1, 1]], duplicates: [] };
  };
  const all = await Promise.all(["e1", "e2", "e3"].map((id) => driver.publish({ ...delivered("p1"), id })));
  expect(all.map(({ outcome }) => outcome)).toEqual(["stored", "duplicate", "duplicate"]);
  expect(hub.frames.map(({ events }) => events)).toEqual([3, 2]);
});

test("an unknown code keeps the hub's advice", async () => {
  const hub = await startHub({ refuseEvent: () => ({ code: "FROM_THE_FUTURE", retry: "never", message: "no" }) });
  const driver = newDriver(hub);
  const error = await driver.publish(delivered("p1")).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INTERNAL", retry: "never", message: "FROM_THE_FUTURE: no" });
  expect(error instanceof HubError && error.toBody().code).toBe("FROM_THE_FUTURE");
});

test("a frame that is refused whole is split until the one bad event is found", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  await driver.ready();
  hub.faults.refuseFrame = (events) =>
    events > 1 || hub.events("store/acme").length === 2 ? { code: "INVALID_MESSAGE", retry: "never", message: "bad" } : null;
  const first = Promise.allSettled(["e1", "e2", "e3"].map((id) => driver.publish({ ...delivered("p1"), id })));
  await hub.until(() => hub.lanes.get(`${hub.hellos[0]?.producer} store/acme`)?.length === 2);
  const results = await first;
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(driver.outbox.refused.map(({ event }) => event.id)).toEqual(["e3"]);
});

test("wait, withinMs and signal say how long the program waits, not whether it is sent", async () => {
  const hub = await startHub({ silent: true });
  const driver = newDriver(hub, { answerMs: 60_000 });
  expect(await driver.publish({ ...delivered("p1"), id: "e1" }, { wait: "outbox" })).toEqual({
    outcome: "outbox",
    id: "e1",
    queue: "store/acme",
  });
  expect(await driver.publish({ ...delivered("p1"), id: "e2" }, { withinMs: 5 })).toMatchObject({ outcome: "outbox", id: "e2" });
  const stop = new AbortController();
  const third = driver.publish({ ...delivered("p1"), id: "e3" }, { signal: stop.signal });
  stop.abort();
  await expect(third).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(driver.publish(delivered("p1"), { signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
  expect(driver.outbox.pending).toBe(3);
  hub.faults.silent = false;
  for (const socket of hub.sockets) socket.conn.close();
  await hub.until(() => hub.events("store/acme").length === 3);
  expect(hub.events("store/acme").map(({ id }) => id)).toEqual(["e1", "e2", "e3"]);
});
