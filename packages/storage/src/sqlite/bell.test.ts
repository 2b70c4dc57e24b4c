import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Bell } from "./bell.ts";

test("who was rung since it looked does not sleep", () => {
  const bell = new Bell();
  const seen = bell.rings;
  new Bell(bell.memory).ring();
  bell.wait(seen, Number.POSITIVE_INFINITY);
  expect(bell.rings).toBe(seen + 1);
});

test("a sleeper that nobody rings for goes on when its time is over", () => {
  const bell = new Bell();
  bell.wait(bell.rings, 1);
  expect(bell.rings).toBe(0);
});

test("a sleeping thread is woken, as often as it is rung", async () => {
  const bell = new Bell();
  const sleeper = `
    import { parentPort, workerData } from "node:worker_threads";
    import { Bell } from ${JSON.stringify(new URL("./bell.ts", import.meta.url).href)};
    const bell = new Bell(workerData);
    for (let seen = 0; seen < 3; seen += 1) {
      bell.wait(seen, Infinity);
      parentPort.postMessage(bell.rings);
    }`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(sleeper)}`), { workerData: bell.memory });
  const heard: number[] = [];
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  worker.on("message", (rings: number) => {
    heard.push(rings);
    if (rings < 3) bell.ring();
  });
  bell.ring();
  await ended;
  expect(heard).toEqual([1, 2, 3]);
});

test("a thread with an event loop hears it as well, at once when it was rung before", async () => {
  const bell = new Bell();
  let heard = 0;
  const first = bell.onceRung(0).then(() => (heard = bell.rings));
  expect(heard).toBe(0);
  bell.ring();
  await first;
  expect(heard).toBe(1);
  await bell.onceRung(0);
});
