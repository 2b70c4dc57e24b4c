import { expect, test } from "vitest";
import { axesOf, axisNames, shapeOf } from "./axes.ts";

const lists = { stored: "0,1000", queues: "10,100", connections: "2,300", idle: "0,50", keys: "1,70" };
const axes = axesOf({ axes: axisNames.join(","), ...lists });

test("the axes that are asked for, each with its points, in one order", () => {
  expect(axes.map(({ name }) => name)).toEqual([...axisNames]);
  expect(axesOf({ axes: "keys,stored", ...lists })).toEqual([
    { name: "stored", points: [0, 1_000] },
    { name: "keys", points: [1, 70] },
  ]);
});

test.each(axes.map((axis) => [axis.name, axis] as const))(
  "along %s nothing else changes, and what is varied is what was asked for",
  (name, axis) => {
    const [few, many] = axis.points.map((point) => shapeOf(axis, point));
    expect(axis.points.map((point) => shapeOf(axis, point)[name])).toEqual(axis.points);
    expect({ ...few, [name]: 0 }).toEqual({ ...many, [name]: 0 });
  },
);

test("where connections vary there is a queue for each, and where keys do one queue with one producer", () => {
  const shapes = Object.fromEntries(axes.map((axis) => [axis.name, shapeOf(axis, axis.points[0] ?? 0)]));
  expect(shapes.connections).toMatchObject({ connections: 2, queues: 300 });
  expect(shapes.keys).toMatchObject({ queues: 1, producers: 1, connections: 1, history: 70 });
});
