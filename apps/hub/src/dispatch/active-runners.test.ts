import { expect, test } from "vitest";
import { ActiveRunners } from "./active-runners.ts";
import type { Runner } from "./runner.ts";

const runner = (group: string, queue = "store/acme", tenant = "default"): Runner =>
  ({ key: { tenant, queue, group } }) as unknown as Runner;

test("an event's queue has the runners of its groups, of its tenant alone, as they come and go", () => {
  const active = new ActiveRunners();
  const [main, audit, other] = [runner("main"), runner("audit"), runner("main", "store/acme", "rival")];
  expect(active.of("default", "store/acme")).toEqual([]);
  for (const one of [main, audit, other]) active.put(one);
  expect(active.of("default", "store/acme")).toEqual([main, audit]);
  expect(active.of("rival", "store/acme")).toEqual([other]);
  expect(active.of("default", "store/elsewhere")).toEqual([]);
  active.forget(main);
  expect(active.of("default", "store/acme")).toEqual([audit]);
  expect([...active.all()]).toEqual([audit, other]);
  active.forget(audit);
  expect(active.of("default", "store/acme")).toEqual([]);
  expect([...active.all()]).toEqual([other]);
});

test("who takes another one's place is not forgotten with it", () => {
  const active = new ActiveRunners();
  const [before, after] = [runner("main"), runner("main")];
  active.put(before);
  active.put(after);
  active.forget(before);
  expect(active.of("default", "store/acme")).toEqual([after]);
  expect(active.get(after.key)).toBe(after);
});

test("who walks the runners of a queue may end one of them", () => {
  const active = new ActiveRunners();
  for (const group of ["a", "b", "c"]) active.put(runner(group));
  const seen: string[] = [];
  for (const one of active.of("default", "store/acme")) {
    seen.push(one.key.group);
    active.forget(one);
  }
  expect(seen).toEqual(["a", "b", "c"]);
});
