/**
 * A port that stays this process's own. A hub that is killed leaves its port for a moment, and a port that the system picked
 * may be picked again for another program in that moment; those below the system's range (from 32,768 on Linux, from 49,152
 * elsewhere) are never picked. Each process has a hundred of them, by its id.
 */
import { once } from "node:events";
import { createServer } from "node:net";

const FIRST = 10_000;
const BLOCKS = 220;
const BLOCK_PORTS = 100;

let asked = 0;

/** The next port of this process's block on which nothing listens; rejects when something listens on all of them. */
export async function ownPort(): Promise<number> {
  const block = FIRST + (process.pid % BLOCKS) * BLOCK_PORTS;
  for (let tried = 0; tried < BLOCK_PORTS; tried += 1) {
    const port = block + (asked % BLOCK_PORTS);
    asked += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`Something listens on each port from ${block} to ${block + BLOCK_PORTS - 1}; end what is left of earlier runs.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = once(server, "listening").then(
    () => true,
    () => false,
  );
  server.listen(port, "127.0.0.1");
  if (!(await listens)) return false;
  server.close();
  await once(server, "close");
  return true;
}
