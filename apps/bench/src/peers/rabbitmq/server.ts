import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "../../crew/bench-hub.ts";
import { noFaults, type Peer } from "../peer.ts";
import { freePort, measuresOf, missingProgram, programOf, untilListening } from "../programs.ts";

/** Debian's `/usr/sbin/rabbitmq-server` changes the user; the server's own script does not. */
const SCRIPT = "rabbitmq-server";

export const rabbitmq: Peer = {
  name: "rabbitmq",
  how: "quorum queues, confirms",
  durable: "on disk",
  share: 0.5,
  keeps: true,
  needsClients: true,
  missing: missingProgram(SCRIPT, "rabbitmq-server"),
  async start({ supervisor }) {
    const folder = tempFolder();
    const [port, namesPort, peerPort] = [await freePort(), await freePort(), await freePort()];
    const home = join(folder.path, "home");
    mkdirSync(home);
    const env = {
      ...process.env,
      HOME: home,
      ERL_EPMD_PORT: String(namesPort),
      ERL_EPMD_ADDRESS: "127.0.0.1",
      RABBITMQ_NODENAME: `bench-${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(peerPort),
      RABBITMQ_MNESIA_BASE: join(folder.path, "data"),
      RABBITMQ_LOG_BASE: join(folder.path, "log"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder.path, "plugins"),
      RABBITMQ_CONFIG_FILE: join(folder.path, "none"),
      // Its script then becomes the server, and a SIGTERM reaches that.
      RUNNING_UNDER_SYSTEMD: "true",
    };
    // Else the server starts one that outlives it.
    const names = supervisor.start({ name: "epmd", runtime: programOf("epmd"), script: "-port", args: [String(namesPort)], env });
    await untilListening(namesPort);
    const program = supervisor.start({ name: "rabbitmq", runtime: "/bin/sh", script: scriptPath(), env });
    await untilListening(port);
    return {
      access: { client: "rabbitmq", at: { port: String(port) } },
      ...measuresOf(program),
      faults: noFaults,
      async [Symbol.asyncDispose]() {
        await program.stop({ graceMs: 20_000 });
        await names.stop();
        folder[Symbol.dispose]();
      },
    };
  },
};

function scriptPath(): string {
  const path = programOf(SCRIPT);
  return path.startsWith("/usr/sbin/") ? "/usr/lib/rabbitmq/bin/rabbitmq-server" : path;
}
