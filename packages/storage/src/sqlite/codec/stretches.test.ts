import { expect, test } from "vitest";
import { Stretches } from "./stretches.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("bytes of several sources come in the order in which they were added, neighbours or not, and nothing else is touched", () => {
  const [one, other] = [bytes("abcdef"), bytes("ABCDEF")];
  const stretches = new Stretches();
  const written = (): string => {
    const target = bytes("-".repeat(14));
    stretches.copyTo(target, 2);
    return new TextDecoder().decode(target);
  };
  stretches.add(one, 0, 2);
  stretches.add(one, 2, 3);
  stretches.add(one, 4, 5);
  // Where the one before ended, in another source.
  stretches.add(other, 5, 6);
  stretches.add(other, 0, 0);
  stretches.add(other, 0, 2);
  stretches.add(one, 2, 4);
  expect(stretches.bytes).toBe(9);
  expect(written()).toBe("--abceFABcd---");

  stretches.clear();
  expect([stretches.bytes, written()]).toEqual([0, "-".repeat(14)]);
  stretches.add(other, 2, 4);
  expect(written()).toBe("--CD----------");
});
