import { expect, test } from "vitest";
import { createGrowth } from "./growth.ts";

const all = { queues: null, limit: 100 };
const never = new AbortController().signal;
const namesOf = ({ queues }: { queues: readonly { queue: string; head: number }[] }) => queues.map(({ queue, head }) => `${queue} ${head}`);

test("what grew since is told once, each queue where its latest append put it", () => {
  const growth = createGrowth();
  for (const [queue, offset] of [
    ["store/a", 1],
    ["store/b", 1],
    ["store/a", 2],
    ["store/c", 1],
  ] as const)
    growth.appended("t", queue, offset);
  const first = growth.since("t", { ...all, after: 0 });
  expect(namesOf(first)).toEqual(["store/b 1", "store/a 2", "store/c 1"]);
  expect(growth.since("t", { ...all, after: first.at })).toEqual({ at: 4, queues: [], complete: true });
  growth.appended("t", "store/b", 2);
  expect(namesOf(growth.since("t", { ...all, after: first.at }))).toEqual(["store/b 2"]);
  expect(namesOf(growth.since("t", { ...all, queues: new Set(["store/c"]), after: 0 }))).toEqual(["store/c 1"]);
  expect(growth.since("other", { ...all, after: 0 })).toEqual({ at: 0, queues: [], complete: true });
});

test("pages lose nothing: the next one begins where this one ended", () => {
  const growth = createGrowth();
  for (let n = 1; n <= 10; n++) growth.appended("t", `store/s${n % 7}`, n);
  const seen: string[] = [];
  for (let after = 0; ; ) {
    const { at, queues } = growth.since("t", { queues: null, limit: 3, after });
    if (queues.length === 0) break;
    seen.push(...queues.map(({ queue }) => queue));
    after = at;
  }
  expect(seen).toEqual(["store/s4", "store/s5", "store/s6", "store/s0", "store/s1", "store/s2", "store/s3"]);
});

test("who asks for more than is remembered is told so, and so is who comes with a tick of another start", () => {
  const growth = createGrowth({ rememberedMax: 3 });
  for (const name of ["a", "b", "c", "d"]) growth.appended("t", `store/${name}`, 1);
  expect(growth.since("t", { ...all, after: 0 })).toEqual({ at: 4, queues: [], complete: false });
  expect(namesOf(growth.since("t", { ...all, after: 1 }))).toEqual(["store/b 1", "store/c 1", "store/d 1"]);
  expect(growth.since("t", { ...all, after: 99 }).complete).toBe(false);
});

test("a wait ends with the next append of a queue that is meant, at once when there was one, and when its peer has left", async () => {
  const growth = createGrowth();
  const order: string[] = [];
  const wait = (name: string, asked: { queues?: Set<string>; after?: number; waitMs?: number; signal?: AbortSignal }) =>
    growth
      .wait("t", { ...all, queues: null, after: 0, waitMs: 60_000, signal: never, ...asked })
      .then(() => order.push(name))
      .catch((error: { code: string }) => order.push(`${name} ${error.code}`));
  const any = wait("any", {});
  const b = wait("b", { queues: new Set(["store/b"]) });
  const gone = new AbortController();
  const left = wait("left", { queues: new Set(["store/x"]), signal: gone.signal });
  growth.appended("t", "store/a", 1);
  await any;
  await wait("late", {});
  growth.appended("t", "store/b", 1);
  await b;
  gone.abort();
  await left;
  await wait("over", { after: 2, waitMs: 1 });
  const closed = wait("closed", { after: 2 });
  growth.close();
  await closed;
  expect(order).toEqual(["any", "late", "b", "left", "over", "closed HUB_DRAINING"]);
});
