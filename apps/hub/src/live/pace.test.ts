import { limits } from "@waybill/events";
import { expect, test } from "vitest";
import { createPace } from "./pace.ts";

test("so many pass in a second, and no more", () => {
  let nowMs = 0;
  const mayPass = createPace(() => nowMs);
  const passed = () => Array.from({ length: 2 * limits.livePerSecondMax }, mayPass).filter(Boolean).length;
  expect(passed()).toBe(limits.livePerSecondMax);
  nowMs = 100;
  expect(passed()).toBe(limits.livePerSecondMax / 10);
});
