import { expect, test } from "vitest";
import { strangers } from "./packages.ts";

test("the older clients' own lock can be read", () => {
  expect(() => strangers.areInstalled()).not.toThrow();
});
