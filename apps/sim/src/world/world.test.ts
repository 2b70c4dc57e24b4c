import { createChance } from "@waybill/testkit";
import { expect, test } from "vitest";
import { Disk } from "./disk.ts";
import { TaskHeap } from "./task-heap.ts";
import { World } from "./world.ts";

const newWorld = () =>
  new World(1, (_owner, error) => {
    throw error;
  });

test("tasks come by their time, and of one time in the order in which they were made", () => {
  const heap = new TaskHeap();
  const world = newWorld();
  const chance = createChance(1);
  const made = Array.from({ length: 500 }, (_, at) => ({
    atMs: chance.int(0, 40),
    made: at,
    owner: world.director,
    run: () => {},
    isVoid: false,
  }));
  for (const task of made) heap.push(task);
  const out = Array.from(made, () => heap.pop());
  expect(out).toEqual(made.toSorted((a, b) => a.atMs - b.atMs || a.made - b.made));
  expect(heap.pop()).toBeUndefined();
});

test("a dead process does nothing, a paused one does it later", () => {
  const world = newWorld();
  const [dead, paused] = [world.spawn("dead"), world.spawn("paused")];
  const done: string[] = [];
  world.after(10, dead, () => done.push("dead"));
  world.after(10, paused, () => done.push(`paused at ${world.nowMs}`));
  world.after(5, world.director, () => {
    world.kill(dead);
    world.pause(paused);
  });
  world.after(50, world.director, () => world.resume(paused));
  world.run(100, () => false);
  expect(done).toEqual(["paused at 50"]);
});

test("what a paused process missed comes in its order, ahead of what is due as it goes on", () => {
  const world = newWorld();
  const paused = world.spawn("paused");
  const done: string[] = [];
  world.pause(paused);
  world.after(50, world.director, () => world.resume(paused));
  world.after(50, paused, () => done.push("due now"));
  world.after(20, paused, () => done.push("missed later"));
  world.after(10, paused, () => done.push("missed"));
  world.run(100, () => false);
  expect(done).toEqual(["missed", "missed later", "due now"]);
});

test("a power cut takes what was not synced; a name is safe when its folder is synced", () => {
  const disk = new Disk(newWorld());
  const file = disk.make("/sim/d1/outbox.new");
  file.bytes = file.synced = Buffer.from("old");
  disk.rename("/sim/d1/outbox.new", "/sim/d1/outbox");
  disk.syncNames("/sim/d1");
  file.bytes = Buffer.from("old and new");
  const left = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    file.bytes = Buffer.from("old and new");
    file.synced = Buffer.from("old");
    disk.cutPower("/sim/d1", createChance(seed));
    left.add(disk.find("/sim/d1/outbox").bytes.toString());
  }
  expect([...left].every((text) => "old and new".startsWith(text) && text.length >= 3)).toBe(true);
  expect(left.has("old") && left.has("old and new") && left.size > 2).toBe(true);
  disk.rename("/sim/d1/outbox", "/sim/d1/moved");
  disk.cutPower("/sim/d1", createChance(1));
  expect(() => disk.find("/sim/d1/moved")).toThrow("ENOENT");
});
