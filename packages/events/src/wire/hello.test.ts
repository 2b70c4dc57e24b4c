import { expect, test } from "vitest";
import { parsePublishHeader } from "./hello.ts";

const part = { queue: "store/acme", first: 1, count: 2 };

test("the header of a publish frame, as an SDK sends it, needs no schema: it is handed back itself", () => {
  for (const header of [{ lanes: [part] }, { lanes: [part, { ...part, queue: "store/bolt", void: [2] }] }])
    expect(parsePublishHeader(header).data).toBe(header);
});

test("what is wrong with a header is said by its schema", () => {
  expect(parsePublishHeader({ lanes: [part, { ...part, first: 0 }] }).error?.issues).toMatchObject([{ path: ["lanes", 1, "first"] }]);
  expect(parsePublishHeader({ lanes: [{ ...part, later: 1 }] }).error?.issues).toMatchObject([{ code: "unrecognized_keys" }]);
});
