import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "../../crew/bench-hub.ts";
import { noFaults, type Peer } from "../peer.ts";
import { freePort, measuresOf, missingProgram, programOf, untilListening } from "../programs.ts";

type RedisPeer = Pick<Peer, "name" | "how" | "durable" | "share"> & { client: string; fsync: "always" | "everysec" };

/** Redis with its append-only file, and nothing else that writes. */
export const redisPeer = ({ client, fsync, ...peer }: RedisPeer): Peer => ({
  ...peer,
  keeps: true,
  needsClients: true,
  missing: missingProgram("redis-server", "redis-server"),
  async start({ supervisor }) {
    const folder = tempFolder();
    const port = await freePort();
    const config = join(folder.path, "redis.conf");
    const lines = [`port ${port}`, "bind 127.0.0.1", `dir ${folder.path}`, "appendonly yes", `appendfsync ${fsync}`, 'save ""'];
    writeFileSync(config, `${lines.join("\n")}\n`);
    const program = supervisor.start({ name: "redis", runtime: programOf("redis-server"), script: config });
    await untilListening(port);
    return {
      access: { client, at: { port: String(port) } },
      ...measuresOf(program),
      faults: noFaults,
      async [Symbol.asyncDispose]() {
        await program.stop();
        folder[Symbol.dispose]();
      },
    };
  },
});

export const redis = redisPeer({
  name: "redis",
  how: "Streams, appendfsync always",
  durable: "on disk",
  share: 1,
  client: "redis",
  fsync: "always",
});
