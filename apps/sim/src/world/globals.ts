/**
 * The simulated programs ask for time, timers, ticks and chance as they always do, and the world answers. Installed before any of
 * their modules is loaded, since some remember what they found then. Outside of a world everything is as it was.
 */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Task, World } from "./world.ts";

let world: World | null = null;

/** The world of the schedule that runs. */
export function theWorld(): World {
  if (world === null) throw new Error("Nothing is simulated right now.");
  return world;
}

export function enter(next: World | null): void {
  world = next;
}

/** What `setTimeout` and the like return: enough of Node's. */
class Timer {
  task: Task | null = null;
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

const stop = (timer: unknown): void => {
  if (timer instanceof Timer && timer.task) timer.task.isVoid = true;
};

function later(ms: number, run: () => void): Timer {
  const here = theWorld();
  const timer = new Timer();
  timer.task = here.after(ms, here.current, run);
  return timer;
}

function repeated(ms: number, run: () => void): Timer {
  const here = theWorld();
  const timer = new Timer();
  const again = (): void => {
    timer.task = here.after(Math.max(1, ms), here.current, () => {
      again();
      run();
    });
  };
  again();
  return timer;
}

type Callback = (...args: unknown[]) => void;

export function installGlobals(): void {
  const real = {
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    setImmediate,
    clearImmediate,
    Date,
    random: Math.random,
    now: performance.now.bind(performance),
    nextTick: process.nextTick.bind(process),
    randomUUID: crypto.randomUUID.bind(crypto),
    randomBytes: crypto.randomBytes.bind(crypto),
  };
  const timers = {
    setTimeout: (run: Callback, ms = 0, ...args: unknown[]) =>
      world ? later(Math.max(1, ms), () => run(...args)) : real.setTimeout(run, ms, ...args),
    setInterval: (run: Callback, ms = 0, ...args: unknown[]) =>
      world ? repeated(ms, () => run(...args)) : real.setInterval(run, ms, ...args),
    setImmediate: (run: Callback, ...args: unknown[]) => (world ? later(0, () => run(...args)) : real.setImmediate(run, ...args)),
    clearTimeout: (timer: unknown) => (timer instanceof Timer ? stop(timer) : real.clearTimeout(timer as NodeJS.Timeout)),
    clearInterval: (timer: unknown) => (timer instanceof Timer ? stop(timer) : real.clearInterval(timer as NodeJS.Timeout)),
    clearImmediate: (timer: unknown) => (timer instanceof Timer ? stop(timer) : real.clearImmediate(timer as NodeJS.Immediate)),
  };
  const nowMs = (): number => (world ? Math.floor(world.wallMs) : real.Date.now());
  const FakeDate = class extends real.Date {
    constructor(...args: unknown[]) {
      super(...((args.length === 0 ? [nowMs()] : args) as [number]));
    }
    static override now = nowMs;
  };
  Object.assign(globalThis, timers, { Date: FakeDate });
  Math.random = () => (world ? world.current.chance.next() : real.random());
  performance.now = () => (world ? world.nowMs : real.now());
  process.nextTick = (run: Callback, ...args: unknown[]) => (world ? world.tick(() => run(...args)) : real.nextTick(run, ...args));
  const randomUUID = () => (world ? uuid(world) : real.randomUUID());
  // Socket.IO asks for a supply of bytes with a callback: in a world it never comes, or the first schedule of a process would draw more.
  const randomBytes = (size: number, supply?: Callback) => {
    if (!world) return real.randomBytes(size);
    return supply ? undefined : Buffer.from(bytes(world, size));
  };
  Object.assign(crypto, { randomUUID, randomBytes });
  Object.defineProperty(globalThis.crypto, "randomUUID", { value: randomUUID });
  syncBuiltinESMExports();
}

const bytes = ({ current: { chance } }: World, size: number): number[] => Array.from({ length: size }, () => chance.int(0, 255));

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function uuid({ current: { chance } }: World): `${string}-${string}-${string}-${string}-${string}` {
  const hex = (count: number): string => {
    let digits = "";
    for (let at = 0; at < count; at++) digits += hexOfByte[chance.int(0, 255)];
    return digits;
  };
  const [a, b, c, d, e] = [hex(4), hex(2), hex(2), hex(2), hex(6)];
  return `${a}-${b}-4${c.slice(1)}-a${d.slice(1)}-${e}`;
}
