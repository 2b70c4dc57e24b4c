import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "../../crew/bench-hub.ts";
import { noFaults, type Peer } from "../peer.ts";
import { freePort, measuresOf, missingProgram, programOf, untilListening } from "../programs.ts";

export const nats: Peer = {
  name: "nats",
  how: "JetStream, file storage",
  durable: "written; synced every 2 minutes",
  share: 0.5,
  keeps: true,
  needsClients: true,
  missing: missingProgram("nats-server", "nats-server"),
  async start({ supervisor }) {
    const folder = tempFolder();
    const port = await freePort();
    const config = join(folder.path, "nats.conf");
    writeFileSync(config, `host: 127.0.0.1\nport: ${port}\njetstream { store_dir: "${folder.path}" }\n`);
    const program = supervisor.start({ name: "nats", runtime: programOf("nats-server"), script: "-c", args: [config] });
    await untilListening(port);
    return {
      access: { client: "nats", at: { port: String(port) } },
      ...measuresOf(program),
      faults: noFaults,
      async [Symbol.asyncDispose]() {
        await program.stop();
        folder[Symbol.dispose]();
      },
    };
  },
};
