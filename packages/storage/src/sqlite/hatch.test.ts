import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { HatchIn, HatchOut, newHatch } from "./hatch.ts";

function hatchOf() {
  const memory = newHatch();
  return { memory, put: new HatchIn(memory), out: new HatchOut(memory) };
}

const text = (bytes: Buffer | null): string | undefined => bytes?.toString("latin1");

test("what was put in comes out in its order, in memory of its own", () => {
  const { put, out } = hatchOf();
  expect(put.put(7, Buffer.from("first"))).toBe(true);
  expect(put.put(8, Buffer.from(""))).toBe(true);
  const first = out.take(7);
  expect(text(first)).toBe("first");
  expect(text(out.take(8))).toBe("");
  expect(out.take(9)).toBeNull();
  put.put(9, Buffer.from("other"));
  expect(text(first)).toBe("first");
});

test("what comes behind a message waits for it", () => {
  const { put, out } = hatchOf();
  put.put(1, Buffer.from("before"));
  put.put(3, Buffer.from("behind"));
  expect(text(out.take(1))).toBe("before");
  expect(out.take(2)).toBeNull();
  expect(text(out.take(3))).toBe("behind");
});

test("where there is no room it says so, and has room again when all was taken", () => {
  const { put, out } = hatchOf();
  const large = Buffer.alloc(65_536, "x");
  expect([1, 2, 3, 4, 5].map((number) => put.put(number, large))).toEqual([true, true, true, true, false]);
  for (const number of [1, 2, 3]) expect(out.take(number)).toEqual(large);
  expect(put.put(5, Buffer.from("no gaps are filled"))).toBe(false);
  out.take(4);
  expect(put.put(5, large)).toBe(true);
  expect(out.take(5)).toEqual(large);
  expect(put.put(6, Buffer.alloc(65_537))).toBe(false);
});

test("as many small ones as there are places, and no more", () => {
  const { put, out } = hatchOf();
  const all = Array.from({ length: 65 }, (_, number) => put.put(number, Buffer.from([number])));
  expect(all.filter(Boolean)).toHaveLength(64);
  expect(all.at(-1)).toBe(false);
  expect(out.take(0)).toEqual(Buffer.from([0]));
  expect(put.put(64, Buffer.from([64]))).toBe(true);
});

test("numbers go on beyond 32 bits, through all places more than once", () => {
  const { put, out } = hatchOf();
  for (let number = 2 ** 32 - 100; number < 2 ** 32 + 100; number += 1) {
    expect(put.put(number, Buffer.from(String(number)))).toBe(true);
    expect(out.take(number - 1)).toBeNull();
    expect(text(out.take(number))).toBe(String(number));
  }
});

test("between two threads nothing is lost, doubled or torn, whichever way it goes", async () => {
  const memory = newHatch();
  const sender = `
    import { parentPort, workerData } from "node:worker_threads";
    import { HatchIn } from ${JSON.stringify(new URL("./hatch.ts", import.meta.url).href)};
    const hatch = new HatchIn(workerData);
    for (let number = 0; number < 20_000; number += 1) {
      const bytes = Buffer.alloc((number * 37) % 9_000, number);
      if (!hatch.put(number, bytes)) parentPort.postMessage({ number, bytes });
      hatch.bell.ring();
    }`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(sender)}`), { workerData: memory });
  const out = new HatchOut(memory);
  const count = 20_000;
  const end = Promise.withResolvers<void>();
  let next = 0;
  let byMessage = 0;
  const taken = (bytes: Uint8Array): void => {
    const isWhole = bytes.length === (next * 37) % 9_000 && bytes.every((byte) => byte === next % 256);
    if (!isWhole) throw new Error(`number ${next} is not what was put in`);
    next += 1;
    if (next === count) end.resolve();
  };
  const takeAll = (): void => {
    for (let bytes = out.take(next); bytes !== null; bytes = out.take(next)) taken(bytes);
  };
  worker.on("message", ({ number, bytes }: { number: number; bytes: Uint8Array }) => {
    takeAll();
    if (number !== next) end.reject(new Error(`message ${number} came before ${next}`));
    byMessage += 1;
    taken(bytes);
  });
  const listen = async (): Promise<void> => {
    while (next < count) {
      const seen = out.bell.rings;
      takeAll();
      await out.bell.onceRung(seen);
    }
  };
  listen().catch(end.reject);
  await end.promise;
  expect(byMessage).toBeLessThan(count);
  await worker.terminate();
}, 30_000);
