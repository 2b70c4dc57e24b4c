import { limits } from "@waybill/events";
import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("so many pass in a second, and no more", () => {
  const pace = new Pace();
  const passed = (nowMs: number) => Array.from({ length: 2 * limits.livePerSecondMax }, () => pace.mayPass(nowMs)).filter(Boolean).length;
  expect(passed(0)).toBe(limits.livePerSecondMax);
  expect(passed(100)).toBe(limits.livePerSecondMax / 10);
});
