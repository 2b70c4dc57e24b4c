/** What `growth` varies, one at a time: each axis says how a hub looks at one of its points. What it does not name is the same at all of them. */
import type { Keys } from "./bench-event.ts";

export const axisNames = ["stored", "queues", "connections", "idle", "keys"] as const;
export type AxisName = (typeof axisNames)[number];
export type Axis = { name: AxisName; points: readonly number[] };
export type Axes = readonly Axis[];

export type Shape = {
  /** Unsettled events of other stores, whose vendors are away. */
  stored: number;
  /** Stores that are published into; each has one producer, and one consumer. */
  queues: number;
  /** Consumers, each with its share of the stores. */
  connections: number;
  /** Further vendors, each subscribed to a store of its own that nothing is published into. */
  idle: number;
  producers: number;
  /** Parcels that take turns for ever; `null`: always new ones, four events each. */
  keys: Keys;
  /** Settled events that a queue begins with, of as many parcels. */
  history: number;
};

const usual: Shape = { stored: 0, queues: 100, connections: 10, idle: 0, producers: 8, keys: null, history: 0 };
/** 100,000 queues are more than the subscriptions that a few connections may have. */
const READERS_OF_MANY = 40;

const shapes: Record<AxisName, (point: number, points: readonly number[]) => Shape> = {
  stored: (stored) => ({ ...usual, stored }),
  queues: (queues, points) => ({ ...usual, queues, connections: Math.min(READERS_OF_MANY, ...points) }),
  connections: (connections, points) => ({ ...usual, queues: Math.max(usual.queues, ...points), connections }),
  idle: (idle) => ({ ...usual, idle }),
  keys: (keys, points) => ({ ...usual, queues: 1, connections: 1, producers: 1, keys, history: Math.max(...points) }),
};

export const shapeOf = ({ name, points }: Axis, point: number): Shape => shapes[name](point, points);

/** Of lists such as "0,1000". */
export function axesOf(flags: { axes: string } & Record<AxisName, string>): Axes {
  const wanted = flags.axes.split(",");
  return axisNames.filter((name) => wanted.includes(name)).map((name) => ({ name, points: flags[name].split(",").map(Number) }));
}
