/**
 * The simulated programs ask for time, timers, ticks and chance as they always do, and the world answers. Installed before any of
 * their modules is loaded, since some remember what they found then. Outside of a world everything is as it was.
 */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { plantedBug } from "../bugs/catalogue.ts";
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

/** The planted bug: in clients it can be set back. */
const monotonicMs = ({ nowMs, wallJumpMs, current }: World): number =>
  plantedBug() === "monotonic-follows-wall" && !current.name.startsWith("hub") ? nowMs + wallJumpMs : nowMs;

type Callback = (...args: unknown[]) => void;

const bound = (run: Callback, args: readonly unknown[]): (() => void) => (args.length === 0 ? run : () => run(...args));

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
      world ? later(Math.max(1, ms), bound(run, args)) : real.setTimeout(run, ms, ...args),
    setInterval: (run: Callback, ms = 0, ...args: unknown[]) =>
      world ? repeated(ms, bound(run, args)) : real.setInterval(run, ms, ...args),
    setImmediate: (run: Callback, ...args: unknown[]) => (world ? later(0, bound(run, args)) : real.setImmediate(run, ...args)),
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
  performance.now = () => (world ? monotonicMs(world) : real.now());
  process.nextTick = (run: Callback, ...args: unknown[]) => (world ? world.tick(bound(run, args)) : real.nextTick(run, ...args));
  const randomUUID = () => (world ? uuid(world) : real.randomUUID());
  // Socket.IO asks for a supply of bytes with a callback: in a world it never comes, or the first schedule of a process would draw more.
  const randomBytes = (size: number, supply?: Callback) => {
    if (!world) return real.randomBytes(size);
    return supply ? undefined : bytes(world, size);
  };
  Object.assign(crypto, { randomUUID, randomBytes });
  Object.defineProperty(globalThis.crypto, "randomUUID", { value: randomUUID });
  syncBuiltinESMExports();
}

/** Four of a draw: ids are asked for several times with each connection. */
function bytes({ current: { chance } }: World, size: number): Buffer {
  const drawn = Buffer.allocUnsafe(Math.ceil(size / 4) * 4);
  for (let at = 0; at < size; at += 4) drawn.writeUInt32LE(Math.floor(chance.next() * 2 ** 32), at);
  return drawn.subarray(0, size);
}

function uuid(here: World): `${string}-${string}-${string}-${string}-${string}` {
  const hex = bytes(here, 16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
