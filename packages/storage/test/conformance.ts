/**
 * What any storage must pass; the tests quote the promises of `src/port.ts`. A storage that is not durable is not opened
 * again in between, and passes all the same.
 */
import { describe } from "vitest";
import { appendSuite } from "./conformance/append.ts";
import { claimSuite } from "./conformance/claims.ts";
import { durableSuite } from "./conformance/durable.ts";
import { groupSuite } from "./conformance/groups.ts";
import { type Capabilities, type Open, suiteOf } from "./conformance/harness.ts";
import { keepingSuite } from "./conformance/keeping.ts";
import { queueSuite } from "./conformance/queues.ts";
import { readSuite } from "./conformance/reads.ts";
import { subscriptionSuite } from "./conformance/subscriptions.ts";

export function conformance(name: string, open: Open, capabilities: Capabilities): void {
  const suite = suiteOf(open, capabilities);
  describe(name, () => {
    appendSuite(suite);
    claimSuite(suite);
    readSuite(suite);
    queueSuite(suite);
    subscriptionSuite(suite);
    groupSuite(suite);
    keepingSuite(suite);
    if (suite.durable) durableSuite(suite);
  });
}
