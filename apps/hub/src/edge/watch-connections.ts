import type { Server as Engine } from "engine.io";
import type { Gate } from "./allow-request.ts";
import type { OneNamespace } from "./one-namespace.ts";
import { writeAtOnce } from "./one-write.ts";
import { watchOutgoing } from "./outgoing.ts";
import type { EdgeReport } from "./socket-edge.ts";

/** Each connection of the engine is counted, asks for a namespace once, is written to at once, and is cut off when it does not read. */
export function watchConnections(
  engine: Engine,
  { gate, oneNamespace, report }: { gate: Gate; oneNamespace: OneNamespace; report: EdgeReport },
): void {
  gate.watch(engine, (connection) => {
    oneNamespace.watch(connection);
    writeAtOnce(connection);
    watchOutgoing(connection, (waitingBytes) => {
      report.warn("connection closed", { address: connection.remoteAddress, why: "its peer does not read", waitingBytes });
      connection.close(true);
    });
  });
}
