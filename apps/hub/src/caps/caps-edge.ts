import { UsageError } from "@waybill/options";
import type { Gate } from "../edge/allow-request.ts";
import { createEdgeServer, type EdgeServer } from "../edge/http-server.ts";
import type { EdgeReport } from "../edge/socket-edge.ts";
import { socketOptions, type Transport } from "../edge/socket-options.ts";
import type { HubOptions } from "../options.ts";
import { createCapsGuard } from "./caps-guard.ts";
import { assertCapsHostAllowed } from "./caps-host.ts";
import type { CapsParts } from "./create-caps.ts";
import { type Dialect, parseDialect } from "./dialect.ts";

export type CapsSettings = { host: string; port: number; stores: readonly string[]; dialects: readonly Dialect[] };

/** What the options say of old clients; `null`: they are not served. Throws a UsageError. */
export function capsSettings(options: HubOptions): CapsSettings | null {
  const { capsPort: port, capsHost: host, capsStores: stores } = options;
  if (port === undefined) {
    if (stores.length > 0) throw new UsageError(["--caps-stores: without --caps-port no old client can connect."], "Add --caps-port 3001.");
    return null;
  }
  if (stores.length === 0) {
    throw new UsageError(
      ["--caps-port: no store is named for which old clients may speak."],
      "Name them: --caps-stores acme-widgets,1-206-flowers",
    );
  }
  assertCapsHostAllowed(host, options.capsPublic);
  const dialects = options.capsDialect.map(parseDialect);
  const twice = dialects.find(({ namespace }, index) => dialects.findIndex((other) => other.namespace === namespace) !== index);
  if (twice) throw new UsageError([`--caps-dialect: ${twice.namespace} has two dialects; a namespace has one.`]);
  return { host, port, stores: [...new Set(stores)], dialects };
}

export type CapsEdge = { server: EdgeServer; parts: CapsParts };

/** A server of their own, behind the same gate, parser and limits as the hub's. */
export function createCapsEdge(
  settings: CapsSettings,
  edge: { gate: Gate; origins: readonly string[]; transports: readonly Transport[]; report: EdgeReport; isDraining: () => boolean },
): CapsEdge {
  const { host, port, stores, dialects } = settings;
  const namespaces = dialects.map(({ namespace }) => namespace);
  const server = createEdgeServer({
    host,
    port,
    about,
    ready: () => (edge.isDraining() ? { ready: false, why: "draining" } : { ready: true }),
  });
  const parts: CapsParts = {
    stores,
    dialects,
    http: server.http,
    socketOptions: socketOptions({ ...edge, namespaces: [...new Set(["/", ...namespaces])] }),
    guard: createCapsGuard({ ...edge, namespaces }),
  };
  return { server, parts };
}

const about = `This is where a Waybill hub serves old parcel clients; docs/old-clients.md is about them.

/healthz   the process runs
/readyz    it takes events
`;
