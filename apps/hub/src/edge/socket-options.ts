import { limits } from "@waybill/events";
import type { ServerOptions } from "socket.io";
import type { Gate } from "./allow-request.ts";
import { createGuardedParser } from "./guarded-parser.ts";
import type { EdgeReport } from "./socket-edge.ts";

export type Transport = "polling" | "websocket";

/** Socket.IO's options. Each that differs from its default closes an attack that works against a plain server. */
export function socketOptions(parts: {
  gate: Gate;
  origins: readonly string[];
  transports: readonly Transport[];
  report: EdgeReport;
  /** Those that there are. Default: the hub's own. */
  namespaces?: readonly string[];
}): Partial<ServerOptions> {
  const onRefused = (error: unknown) => {
    parts.report.requestRefused("INVALID_MESSAGE", 1);
    parts.report.warn("packet refused", { why: error instanceof Error ? error.message : String(error) });
  };
  return {
    // A plain `io(url)` starts with polling, and does not try websocket when polling is refused.
    transports: [...parts.transports],
    maxHttpBufferSize: limits.frameBytesMax,
    connectTimeout: limits.connectTimeoutMs,
    // A dead peer is noticed within 15 s: sooner than the shortest lease of a delivery ends.
    pingInterval: 10_000,
    pingTimeout: 5_000,
    upgradeTimeout: 5_000,
    allowRequest: (request, answer) => parts.gate.allowRequest(request, answer),
    // For the browser's sake only; what is refused is decided in allowRequest. Credentials are never ambient: no cookies.
    ...(parts.origins.length > 0 ? { cors: { origin: [...parts.origins], methods: ["GET", "POST"] } } : {}),
    perMessageDeflate: false,
    httpCompression: false,
    allowEIO3: false,
    serveClient: false,
    cleanupEmptyChildNamespaces: true,
    parser: createGuardedParser(onRefused, parts.namespaces),
  };
}
