import { driverNotices, driverRequests, HubError } from "@waybill/events";
import { Server, type Socket } from "socket.io";
import { createTokens, type Tokens } from "../src/auth/tokens.ts";
import { createAllowRequest } from "../src/edge/allow-request.ts";
import { createGuard } from "../src/edge/guard.ts";
import { Handlers } from "../src/edge/handlers.ts";
import { createEdgeServer } from "../src/edge/http-server.ts";
import type { EdgeReport } from "../src/edge/socket-edge.ts";
import { socketOptions } from "../src/edge/socket-options.ts";
import { textPacket } from "../src/edge/texts.ts";

type Reported = { refused: string[]; warnings: string[]; faults: unknown[] };

export type EdgeRig = {
  url: string;
  io: Server;
  tokens: Tokens;
  reported: Reported;
  token(role: "vendor" | "driver" | "admin", ttlMs?: number): Promise<string>;
  /** What the handlers were given. */
  handled: unknown[];
  /** Frames of one byte wait until then. */
  release(): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The whole edge around handlers that do nothing: real sockets, no storage, no engine. */
export async function openEdgeRig(
  options: {
    origins?: string[];
    unauthenticatedPerAddressMax?: number;
    verify?: Tokens["verify"];
    monotonicMs?: () => number;
    isDraining?: () => boolean;
  } = {},
): Promise<EdgeRig> {
  const reported: Reported = { refused: [], warnings: [], faults: [] };
  const handled: unknown[] = [];
  const held = Promise.withResolvers<void>();
  const report: EdgeReport = {
    requestRefused: (code) => void reported.refused.push(code),
    warn: (message, detail) => void reported.warnings.push(`${message} ${JSON.stringify(detail)}`),
    fault: (_message, error) => void reported.faults.push(error),
  };
  const signing = createTokens({ secret: new Uint8Array(32).fill(7), wallMs: Date.now });
  const tokens = options.verify ? { ...signing, verify: options.verify } : signing;
  const origins = options.origins ?? [];
  const gate = createAllowRequest({
    origins,
    connectionsMax: 1_000,
    unauthenticatedPerAddressMax: options.unauthenticatedPerAddressMax ?? 100,
    isDraining: () => false,
  });
  const server = createEdgeServer({ host: "127.0.0.1", port: 0, ready: () => ({ ready: true }), metrics: async () => "" });
  const io = new Server(server.http, socketOptions({ gate, origins, transports: ["polling", "websocket"], report }));
  const guard = createGuard({
    gate,
    tokens,
    report,
    wallMs: Date.now,
    isDraining: options.isDraining ?? (() => false),
    ...(options.monotonicMs ? { monotonicMs: options.monotonicMs } : {}),
  });
  const handlers = new Handlers<null>();
  handlers.request("take", driverRequests.take.request, async (request) => {
    handled.push(request);
    if (request.parcel === "throws") throw new TypeError("a fault of the handler");
    return { outcome: "taken" };
  });
  const often = {
    schema: driverRequests.take.request,
    readBytes: (bytes: Buffer, from: number, to: number) =>
      bytes.toString("utf8", from, to) === '{"parcel":"bytes"}' ? { parcel: "b" } : null,
    packetOf: (before: string, id: number, reply: { outcome: string; more: string }) =>
      textPacket(`${before}${id}[{"outcome":"${reply.outcome}","of":"${reply.more}"}]`),
  };
  handlers.requestOften("often", often, ({ parcel }, _session, asker) => {
    if (parcel === "throws") throw new TypeError("a fault of the handler");
    if (parcel === "refused") asker.refuse(new HubError("CLAIM_LOST", "another was first"));
    else asker.answer({ outcome: "taken", more: parcel });
  });
  handlers.notice("position", driverNotices.position, (position) => void handled.push(position));
  handlers.frame("publish", async (bytes) => {
    if (bytes.length === 1) await held.promise;
    return { outcome: "confirmed", bytes: bytes.length };
  });
  for (const name of ["/vendor", "/driver", "/admin"]) {
    const namespace = io.of(name);
    guard(namespace);
    namespace.on("connection", (socket: Socket) => handlers.serve(socket, null));
  }
  const url = await server.listen();
  return {
    url,
    io,
    tokens,
    reported,
    handled,
    release: held.resolve,
    token: (role, ttlMs = 60_000) => {
      const common = { sub: `${role}-1`, tenant: "default" };
      if (role === "vendor") return signing.sign({ ...common, role, stores: ["acme-widgets"] }, ttlMs);
      return signing.sign(role === "driver" ? { ...common, role, driver: "d1" } : { ...common, role }, ttlMs);
    },
    [Symbol.asyncDispose]: async () => void (await io.close()),
  };
}
