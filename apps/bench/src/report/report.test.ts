import { expect, test } from "vitest";
import { noAccount, type Row, type Workload } from "../workload.ts";
import { withSection } from "./page.ts";
import { plotOf } from "./plot.ts";
import { isClean, resultsOf, summaryOf } from "./result.ts";
import { tableOf } from "./table.ts";

const workload: Workload = {
  name: "flow",
  summary: "less < more",
  defaults: { events: 1, stores: 1 },
  measures: { perSecond: { label: "events/s", digits: 0 } },
  run: async () => [],
};
const row = (peer: string, perSecond: number, account: Partial<Row["account"]> = {}): Row => ({
  ...{ peer, at: "as it is", durable: "on disk", faults: [] },
  values: { perSecond },
  account: { ...noAccount, handled: 9, ...account },
});

test("a peer's runs become one result: the median, and every fault of any of them", () => {
  const results = resultsOf(workload, [[row("waybill", 3)], [row("waybill", 1, { missing: 2 })], [row("waybill", 2, { disorder: 1 })]]);
  expect(results).toMatchObject([{ peer: "waybill", exact: false, ordered: false, spreads: { perSecond: { median: 2, min: 1, max: 3 } } }]);
  expect(results[0]?.faults).toEqual(["2 of 9 events missing", "1 of 9 events out of order"]);
  expect(tableOf(workload, 3, results)).toContain("waybill, as it is: 2 of 9 events missing");
  expect(summaryOf(workload, 3, results)).toMatchObject({ ok: false, results: [{ peer: "waybill", perSecond: 2, exact: false }] });
});

test("Waybill answers for its own faults, not for another's", () => {
  const of = (peer: string) => resultsOf(workload, [[row(peer, 1, { disorder: 1 })]]);
  expect([isClean(of("waybill")), isClean(of("waybill-plain")), isClean(of("pg-boss"))]).toEqual([false, false, true]);
});

test("a plot is a picture with a bar and a value for each result, whatever its text", () => {
  const plot = plotOf(workload, resultsOf(workload, [[row("waybill", 20), row("redis", 10)]]));
  expect(plot.match(/<rect x/g)).toHaveLength(2);
  expect(plot).toContain("less &lt; more");
  expect(plot).toContain(">redis, as it is<");
});

test("a page's section is put between its marks, and nothing else changes; without marks it is refused", () => {
  const page = "a\n<!-- flow: written by the bench -->\nold\n<!-- end of flow -->\nb\n";
  expect(withSection(page, "flow", "new")).toBe("a\n<!-- flow: written by the bench -->\nnew\n<!-- end of flow -->\nb\n");
  expect(() => withSection(page, "drain", "new")).toThrow("no place for drain");
});
