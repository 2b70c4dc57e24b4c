import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { tempFolder } from "../../crew/bench-hub.ts";
import { noFaults, type Peer } from "../peer.ts";
import { freePort, measuresOf, missingProgram, programOf, untilListening } from "../programs.ts";

const IN_FLIGHT = 1_024;

export const mosquitto: Peer = {
  name: "mosquitto",
  how: "QoS 1, persistent sessions",
  durable: "in memory; saved every 30 minutes",
  share: 0.5,
  keeps: true,
  needsClients: true,
  missing: missingProgram("mosquitto", "mosquitto"),
  async start({ supervisor }) {
    const folder = tempFolder();
    const port = await freePort();
    const config = join(folder.path, "mosquitto.conf");
    const lines = [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      `user ${userInfo().username}`,
      "persistence true",
      `persistence_location ${folder.path}/`,
      `max_inflight_messages ${IN_FLIGHT}`,
      "max_queued_messages 0",
    ];
    writeFileSync(config, `${lines.join("\n")}\n`);
    const program = supervisor.start({ name: "mosquitto", runtime: programOf("mosquitto"), script: "-c", args: [config] });
    await untilListening(port);
    return {
      access: { client: "mosquitto", at: { port: String(port) } },
      ...measuresOf(program),
      faults: noFaults,
      async [Symbol.asyncDispose]() {
        await program.stop();
        folder[Symbol.dispose]();
      },
    };
  },
};
