import type { DatabasePosition } from "@waybill/client";
import { expect, test } from "vitest";
import { newVendor, once, startHub } from "./setup.ts";

const QUEUE = "store/acme";
const books = { group: "books", order: "queue" } as const;

test("the program is asked where its database is before each subscribe; what the hub made of it is told, unless both agree", async () => {
  const answers = ["agrees", "set-back", "unknown"] as const;
  const hub = await startHub({ resume: () => ({ resumed: answers[hub.subscribes.length - 1] ?? "agrees" }) });
  const vendor = newVendor(hub);
  vendor.onOther(() => {});
  const told: unknown[] = [];
  vendor.listen("resumed", (resumed) => told.push(resumed));
  const positions: (DatabasePosition | null)[] = [null, { generation: 1, offset: 7 }, { generation: 1, offset: 9 }];
  const asked: string[] = [];
  const resume = (queue: string): DatabasePosition | null => {
    asked.push(queue);
    return positions[asked.length - 1] ?? null;
  };
  await vendor.start({ ...books, resume });
  for (const count of [2, 3]) {
    for (const socket of hub.sockets) socket.conn.close();
    await hub.until(() => hub.subscribes.length === count);
  }
  hub.append(QUEUE, { id: "e1", parcel: "p1" });
  await hub.until(() => hub.group(QUEUE, "books").settled.has(1));
  expect(asked).toEqual([QUEUE, QUEUE, QUEUE]);
  expect(hub.subscribes.map(({ resume: position }) => position)).toEqual([{ generation: 1, offset: 0 }, ...positions.slice(1)]);
  const place = { queue: QUEUE, group: "books", generation: 1, floor: 0 };
  expect(told).toEqual([
    { ...place, how: "set-back", position: positions[1] },
    { ...place, how: "unknown", position: positions[2] },
  ]);
});

test("a database that cannot be asked: the start fails; later it is said, and asked again", async () => {
  const hub = await startHub();
  const locked = new Error("the database is locked");
  let failures = 1;
  const resume = async (): Promise<null> => {
    failures -= 1;
    if (failures >= 0) throw locked;
    return null;
  };
  const first = newVendor(hub);
  first.onOther(() => {});
  await expect(first.start({ ...books, resume })).rejects.toBe(locked);
  const vendor = newVendor(hub);
  vendor.onOther(() => {});
  const errors: Error[] = [];
  vendor.listen("error", (error) => errors.push(error));
  await vendor.start({ ...books, resume });
  failures = 2;
  for (const socket of hub.sockets) socket.conn.close();
  await hub.until(() => hub.subscribes.length === 2);
  expect(errors).toEqual([locked, locked]);
});

test("a group with the queue's order is handled one event at a time; a failure hands back all that stands behind it", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const seen: string[] = [];
  let running = 0;
  const [started, goOn] = [once(), once()];
  vendor.onOther(async ({ id }, { attempt }) => {
    running += 1;
    seen.push(`${id} ${running}`);
    if (id === "e1" && attempt === 1) {
      started.resolve();
      await goOn.promise;
      running -= 1;
      throw new Error("not yet");
    }
    await Promise.resolve();
    running -= 1;
  });
  for (const n of [1, 2, 3]) hub.append(QUEUE, { id: `e${n}`, parcel: `p${n}` });
  await vendor.start({ ...books, from: "start" });
  await started.promise;
  goOn.resolve();
  await hub.until(() => hub.settles.some(({ withdraws }) => withdraws !== undefined));
  const handedBack = hub.settles.flatMap(({ withdraws = [] }) => withdraws);
  expect(handedBack).toEqual([[2, 3]]);
  expect(seen).toEqual(["e1 1"]);
});
