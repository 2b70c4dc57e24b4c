/**
 * The hub as a program: reads its options, opens the storage, joins the edge to the core, and leaves in good order.
 *
 *   starting – key, storage, engine of the sockets, port.   → ready, or → ended with one message and its exit code
 *   ready    – serves.                                      → draining, with the first SIGINT or SIGTERM
 *   draining – as `drainHub` says: what is in hand is finished or handed back, and all is stored. → ended, exit code 0;
 *              or → ended at once, with a second signal: what was confirmed is on disk all the same
 */
import { once } from "node:events";
import { join } from "node:path";
import { type HubErrorCode, hubErrors, limits } from "@waybill/events";
import { command } from "@waybill/options";
import { openMemoryStorage, openSqliteStorage, type Storage } from "@waybill/storage";
import { createMayOpen } from "./auth/entry.ts";
import { assertHostAllowed, type HubKey, loadKey } from "./auth/keys.ts";
import { createTokens } from "./auth/tokens.ts";
import { type CapsSettings, capsSettings, createCapsEdge } from "./caps/caps-edge.ts";
import { createHubClock } from "./clock.ts";
import { createAllowRequest, type RefusedWhy } from "./edge/allow-request.ts";
import { createGuard } from "./edge/guard.ts";
import { createEdgeServer, type EdgeServer } from "./edge/http-server.ts";
import { socketOptions } from "./edge/socket-options.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createHub, type Hub } from "./hub.ts";
import type { HubConfig } from "./hub-parts.ts";
import { createBackups } from "./operate/backups.ts";
import { type HubOptions, hubOptions } from "./options.ts";
import { createGaugeSource, type Measured } from "./proof/gauges.ts";
import { createHubReport, type HubReportParts } from "./proof/hub-report.ts";
import { createLog } from "./proof/log.ts";
import { createMetrics, type Metrics } from "./proof/metrics.ts";
import { createProof, type ProofOfLife } from "./proof/proof.ts";
import { growYoungSpaceUnderLoad, keepObjectsYoung } from "./young-objects.ts";

/** Connections that are still there so long after the time for draining are cut. */
const CUT_AFTER_MS = 2_000;
const BYTES_PER_MB = 1_048_576;

/** Under which code a refused handshake is counted. */
const handshakeCodes: Record<RefusedWhy, HubErrorCode> = {
  draining: "HUB_DRAINING",
  origin: "FORBIDDEN",
  connections: "BUSY",
  address: "BUSY",
};

export const hub = command(hubOptions, async ({ options, env, signal }) => {
  keepObjectsYoung();
  const key = await loadKey({ keyText: env.WAYBILL_KEY, keyFile: options.keyFile, dataDir: options.data });
  assertHostAllowed(options.host, key);
  const caps = capsSettings(options);
  const isTerminal = process.stdout.isTTY === true;
  const log = createLog({ mode: options.log ?? (isTerminal ? "pretty" : "json"), isColor: isTerminal });
  const metrics = createMetrics();
  const proof = createProof({ log, metrics });
  const stopLooking = growYoungSpaceUnderLoad(metrics.passed);
  try {
    const storage = await openStorage(options);
    try {
      await serve({ options, caps, key, metrics, proof, storage, signal });
    } finally {
      await storage.close();
    }
    proof.say("closed", {});
  } finally {
    stopLooking();
    proof.close();
  }
});

type ServeParts = {
  options: HubOptions;
  caps: CapsSettings | null;
  key: HubKey;
  metrics: Metrics;
  proof: ProofOfLife;
  storage: Storage;
  signal: AbortSignal;
};

async function serve(parts: ServeParts): Promise<void> {
  const { options, metrics, proof, storage, signal } = parts;
  const clock = createHubClock(storage.info.hubTimeMs);
  const { server, capsServer, core, report, measured } = assemble(parts, clock);
  const stopHousekeeping = startHousekeeping({
    storage,
    clock,
    proof,
    retentionMs: options.retention,
    retentionEventsMax: options.retentionEventsMax,
  });
  metrics.measureWith(async () => (await measured()).gauges);
  try {
    const listen = (one: EdgeServer, at: { host: string; port: number }) =>
      one.listen().catch((error: unknown) => Promise.reject(explained(error, at)));
    await core.caps?.open();
    const capsUrl = capsServer && parts.caps && (await listen(capsServer, parts.caps));
    const url = await listen(server, options);
    const { storageId, epoch } = storage.info;
    if (capsUrl) proof.say("old clients", { url: capsUrl, stores: options.capsStores.join(", ") });
    proof.say("ready", { url, dataDir: options.data, storageId, epoch });
    if (!signal.aborted) await once(signal, "abort");
    proof.say("draining", { why: "asked to stop" });
  } finally {
    stopHousekeeping();
    const cutting = setTimeout(() => {
      server.cut();
      capsServer?.cut();
    }, options.drain + CUT_AFTER_MS);
    const { handedBack, ms } = await core.close();
    proof.say("drained", { handedBack, ms });
    clearTimeout(cutting);
    report.close();
  }
}

type Assembled = {
  server: EdgeServer;
  capsServer: EdgeServer | null;
  core: Hub;
  report: ReturnType<typeof createHubReport>;
  measured: () => Promise<Measured>;
};

/** The edge around the core: nothing reaches a handler but through the gate, the parser, the guard and the table of handlers. */
function assemble({ options, caps, key, metrics, proof, storage }: ServeParts, clock: ReturnType<typeof createHubClock>): Assembled {
  const { origins, transports } = options;
  const isDraining = () => core.isDraining();
  // One for each port: old clients never show a token, and must not use up what their address may have at the other.
  const createGate = () =>
    createAllowRequest({
      origins,
      connectionsMax: limits.connectionsMax,
      unauthenticatedPerAddressMax: limits.unauthenticatedPerAddressMax,
      isDraining,
      onRefused(why, address) {
        proof.requestRefused(handshakeCodes[why], 1);
        proof.warn("handshake refused", { why, address });
      },
    });
  const gate = createGate();
  const capsEdge = caps && createCapsEdge(caps, { gate: createGate(), origins, transports, report: proof, isDraining });
  const server = createEdgeServer({
    host: options.host,
    port: options.port,
    ready: () => (isDraining() ? { ready: false, why: "draining" } : { ready: true }),
    metrics: metrics.text,
  });
  const tokens = createTokens({ secret: key.secret, wallMs: Date.now });
  const measured = (): Promise<Measured> => gauges();
  const report = createHubReport({
    storage,
    clock,
    metrics,
    measured,
    settings: () => settingsOf(options, key, server),
    dataDir: options.data,
    wallMs: Date.now,
  });
  const core: Hub = createHub({
    storage,
    clock,
    proof,
    config: configOf(options),
    socketOptions: socketOptions({ gate, origins, transports, report: proof }),
    http: server.http,
    backups: createBackups({
      storage,
      folder: options.backups ?? join(options.data, "backups"),
      nowMs: () => clock.nowMs(),
      wallMs: Date.now,
      ended: ({ name, path, state, events, bytes, seconds, error }) =>
        proof.say(`backup ${state}`, { name, path, events: events ?? undefined, bytes, seconds, why: error?.message }),
    }),
    report: report.report,
    guard: createGuard({ gate, tokens, ownNamespaces: options.tenantNamespaces, report: proof, wallMs: Date.now, isDraining }),
    ...(options.tenantNamespaces ? { mayOpen: createMayOpen(tokens) } : {}),
    ...(capsEdge ? { caps: capsEdge.parts } : {}),
  });
  const gauges = createGaugeSource({ storage, registry: core.registry });
  return { server, capsServer: capsEdge?.server ?? null, core, report, measured };
}

function settingsOf(options: HubOptions, key: HubKey, { port }: EdgeServer): ReturnType<HubReportParts["settings"]> {
  const { host, open, transports, storage, queueEventsMax, retention, retentionEventsMax, pickupDue, ballastMb } = options;
  return {
    host,
    port: port(),
    open,
    transports: [...transports],
    key: key.from,
    storage,
    queueEventsMax,
    retentionMs: retention,
    retentionEventsMax,
    pickupDueMs: pickupDue,
    ballastBytes: storage === "memory" ? 0 : ballastMb * BYTES_PER_MB,
  };
}

function configOf({ open, lease, offer, drain, pickupDue, failedMax, interruptedMax, backoff, backoffMax }: HubOptions): HubConfig {
  return {
    open,
    leaseMs: lease,
    offerMs: offer,
    drainMs: drain,
    pickupDueMs: pickupDue,
    // Longer than a client takes to come back, so that a flicker of the network reads nothing again.
    idleMs: 60_000,
    engine: { failedMax, interruptedMax, backoffMs: backoff, backoffMaxMs: backoffMax },
  };
}

async function openStorage({ storage, data, queueEventsMax, ballastMb }: HubOptions): Promise<Storage> {
  switch (storage) {
    case "memory":
      return openMemoryStorage({ queueEventsMax });
    case "sqlite":
      return openSqliteStorage({ path: data, queueEventsMax, ballastBytes: ballastMb * BYTES_PER_MB });
  }
}

/** A port that is taken stays taken: trying again does not help. */
function explained(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  return isTaken ? Object.assign(new Error(`${host}:${port} is taken.`, { cause: error }), { code: "EADDRINUSE", retry: "never" }) : error;
}

/** What to do about an error's code, from the contract's table. */
export function adviceOn(code: string): string | undefined {
  return Object.entries(hubErrors).find(([known]) => known === code)?.[1].advice;
}
