/** The plain driver and vendor are the same program on each Socket.IO client, whatever its age. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChance, createSupervisor, startHub } from "@waybill/testkit";
import { expect, test } from "vitest";
import { oldSockets } from "../src/crew/crew.ts";
import { startWorker } from "../src/crew/worker-process.ts";
import { strangers } from "../src/strangers/packages.ts";

const EVENTS = 20;

/** It takes seconds; but a machine may have other things to do. */
const patiently = { timeout: 150_000 };
const clients = [["the installed client", null], ...Object.values(oldSockets).map((name) => [name, name] as const)] as const;

test.for(clients)("%s publishes and is delivered to", async ([, stranger], context) => {
  const isThere = stranger === null || strangers.areInstalled();
  context.skip(!isThere, "needs older Socket.IO clients: npm run chaos -- --old-clients installs them");
  const dir = mkdtempSync(join(tmpdir(), "waybill-plain-clients-"));
  context.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, "effects"));
  await using supervisor = createSupervisor();
  await using hub = await startHub({ supervisor });
  const ended: string[] = [];
  const worker = await startWorker({
    supervisor,
    hubPort: hub.port,
    chance: createChance("link").next,
    onCrash: (_, program) => void ended.push(...program.stderrTail),
    config: {
      ...{ kind: "plain", name: "plain", dir: join(dir, "plain"), effectsDir: join(dir, "effects"), stranger },
      ...{ seed: 1, startedAtMs: Date.now(), rate: 100, leaseMs: 2_000, stores: ["a", "b"], hotStore: "a", churns: false, bug: null },
      drivers: [{ name: "d", token: hub.token({ sub: "d", role: "driver", driver: "d" }) }],
      vendors: [{ name: "v", token: hub.token({ sub: "v", role: "vendor", stores: ["a", "b"] }), stores: ["a", "b"] }],
    },
  });
  await expect
    .poll(
      () => ({ ended, isDone: worker.counts.connected && worker.counts.confirmed >= EVENTS && worker.counts.applied >= EVENTS }),
      patiently,
    )
    .toEqual({ ended: [], isDone: true });
  await worker.link.close();
});
