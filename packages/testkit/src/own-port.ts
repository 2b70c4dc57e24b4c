/**
 * A port that stays this process's own. A hub that is killed leaves its port for a moment, and a port that the system picked
 * may be picked again for another program in that moment; those below the system's range (from 32,768 on Linux, from 49,152
 * elsewhere) are never picked. They come in blocks of a hundred. Whoever listens on a block's first port has the others, for
 * as long as its process lives.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:net";

const FIRST = 10_000;
const BLOCKS = 220;
const BLOCK_PORTS = 100;

let block: Promise<number> | null = null;
let asked = 0;

/** The next port of this process's block on which nothing listens; rejects when something listens on all of them. */
export async function ownPort(): Promise<number> {
  block ??= takeBlock();
  const first = (await block) + 1;
  for (let tried = 1; tried < BLOCK_PORTS; tried += 1) {
    const port = first + (asked % (BLOCK_PORTS - 1));
    asked += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`Something listens on each port from ${first} to ${first + BLOCK_PORTS - 2}; end what is left of earlier runs.`);
}

async function takeBlock(): Promise<number> {
  for (let tried = 0; tried < BLOCKS; tried += 1) {
    const port = FIRST + ((process.pid + tried) % BLOCKS) * BLOCK_PORTS;
    const guard = await listen(port);
    if (guard === null) continue;
    guard.unref();
    return port;
  }
  throw new Error(`Something listens on every hundredth port from ${FIRST} on; end what is left of earlier runs.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === null) return false;
  server.close();
  await once(server, "close");
  return true;
}

/** `null`: somebody else does. */
async function listen(port: number): Promise<Server | null> {
  const server = createServer();
  const listens = once(server, "listening").then(
    () => true,
    () => false,
  );
  server.listen(port, "127.0.0.1");
  return (await listens) ? server : null;
}
