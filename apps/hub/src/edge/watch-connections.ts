import type { Socket as Connection, Server as Engine } from "engine.io";
import type { Gate } from "./allow-request.ts";
import type { OneNamespace } from "./one-namespace.ts";
import type { EdgeReport } from "./socket-edge.ts";
import { watchSending } from "./watch-sending.ts";

/**
 * Each connection of the engine is counted, asks for a namespace once, is written to at once, and is cut off when it does not read.
 * The listeners are the same functions for all of them: a hub has thousands that wait for weeks.
 */
export function watchConnections(
  engine: Engine,
  { gate, oneNamespace, report }: { gate: Gate; oneNamespace: OneNamespace; report: EdgeReport },
): void {
  const onStalled = (connection: Connection, waitingBytes: number) => {
    report.warn("connection closed", { address: connection.remoteAddress, why: "its peer does not read", waitingBytes });
    connection.close(true);
  };
  gate.watch(engine, (connection) => {
    forgetRequest(connection);
    oneNamespace.watch(connection);
    watchSending(connection, onStalled);
  });
}

/** Its handshake's HTTP request, some 3 kB: nobody asks for it any more, and Socket.IO would keep it as long as the connection lasts. */
function forgetRequest(connection: { request: unknown }): void {
  connection.request = null;
}
