import { expect, test } from "vitest";
import { fakeDelivery } from "../../test/fake-delivery.ts";
import { type HandleOptions, handleDelivery } from "./handle-delivery.ts";

const seen = (run: HandleOptions["run"]) => {
  const steps: string[] = [];
  const handled = handleDelivery(fakeDelivery(), {
    run,
    write: async (_, { outcome }) => {
      await Promise.resolve();
      steps.push(outcome);
    },
  }).then(
    () => steps.push("returned"),
    (error: Error) => steps.push(`threw ${error.message}`),
  );
  return handled.then(() => steps);
};

test("without a command, the line is written and then the event is acknowledged", async () => {
  expect(await seen(null)).toEqual(["acked", "returned"]);
});

test("a command that succeeds acknowledges", async () => {
  expect(await seen(async () => ({ outcome: "ok" }))).toEqual(["acked", "returned"]);
});

test("a command that fails throws its reason: a nack", async () => {
  expect(await seen(async () => ({ outcome: "failed", reason: "no paper" }))).toEqual(["failed", "threw no paper"]);
});

test("a line that cannot be written is not acknowledged", async () => {
  const handled = handleDelivery(fakeDelivery(), { run: null, write: () => Promise.reject(new Error("the pipe is gone")) });
  await expect(handled).rejects.toThrow("the pipe is gone");
});
