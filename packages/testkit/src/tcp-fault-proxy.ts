/**
 * A TCP proxy on loopback that breaks what passes through it. Faults apply to all connections at once, old and new:
 *
 *   pass         bytes go through as they come
 *   delay        each chunk comes `ms` ± `jitterMs` later, order kept; many may be on their way
 *   drip         `bytesPerS` in slices of at most `sliceBytes`
 *   half-open    bytes of one direction vanish, the connection stays
 *   blackhole    bytes of both directions vanish, the connection stays; new ones are accepted and never answered
 *   refuse       new connections are reset at once; old ones pass
 *
 * `cut()` ends all connections politely (FIN), `reset()` with RST. `setNoDelay` stands on both sides: without it
 * small synchronous requests through a proxy wait for Nagle's timer.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type TcpFault =
  | { kind: "pass" | "blackhole" | "refuse" }
  | { kind: "delay"; ms: number; jitterMs?: number }
  | { kind: "drip"; bytesPerS: number; sliceBytes?: number }
  | { kind: "half-open"; lost: "up" | "down" };

export type TcpFaultProxy = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Bytes that vanished so far. */
  readonly lostBytes: number;
  /** Bytes that a delay holds now. */
  readonly onWayBytes: number;
  set(fault: TcpFault): void;
  cut(): void;
  reset(): void;
  close(): Promise<void>;
};

export type TcpFaultProxyOptions = {
  target: { host?: string; port: number };
  /** Of the jitter, in [0, 1). Default: none. */
  chance?: () => number;
};

type Pair = { client: Socket; server: Socket };

export async function createTcpFaultProxy({ target, chance = () => 0.5 }: TcpFaultProxyOptions): Promise<TcpFaultProxy> {
  const pairs = new Set<Pair>();
  let fault: TcpFault = { kind: "pass" };
  let lostBytes = 0;
  let onWayBytes = 0;

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (fault.kind === "refuse") {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: target.host ?? "127.0.0.1", port: target.port, noDelay: true, allowHalfOpen: true });
    const pair = { client, server };
    pairs.add(pair);
    const drop = () => {
      client.destroy();
      server.destroy();
      pairs.delete(pair);
    };
    for (const socket of [client, server]) socket.on("error", drop).on("close", drop);
    void pump({ from: client, to: server, way: "up" }).catch(drop);
    void pump({ from: server, to: client, way: "down" }).catch(drop);
  });

  async function pump({ from, to, way }: { from: Socket; to: Socket; way: "up" | "down" }): Promise<void> {
    const onWay = createOnWay((bytes) => {
      onWayBytes += bytes;
    });
    for await (const chunk of from) {
      if (fault.kind === "delay") {
        const ms = Math.max(0, fault.ms + (chance() * 2 - 1) * (fault.jitterMs ?? 0));
        await onWay.add(chunk.length, ms, () => send(chunk, to));
        continue;
      }
      // What was delayed before comes first.
      await onWay.empty();
      await pass(chunk, to, way);
    }
    await onWay.empty();
    to.end();
  }

  async function pass(chunk: Buffer, to: Socket, way: "up" | "down"): Promise<void> {
    const now = fault;
    switch (now.kind) {
      case "blackhole":
        lostBytes += chunk.length;
        return;
      case "half-open":
        if (now.lost !== way) return send(chunk, to);
        lostBytes += chunk.length;
        return;
      case "drip": {
        const slice = now.sliceBytes ?? Math.max(1, Math.ceil(now.bytesPerS / 20));
        for (let at = 0; at < chunk.length; at += slice) {
          if (fault === now) await sleep((Math.min(slice, chunk.length - at) / now.bytesPerS) * 1_000);
          await send(chunk.subarray(at, at + slice), to);
        }
        return;
      }
      default:
        return send(chunk, to);
    }
  }

  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (!address || typeof address === "string") throw new Error("The proxy has no TCP port.");

  const proxy: TcpFaultProxy = {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return pairs.size;
    },
    get lostBytes() {
      return lostBytes;
    },
    get onWayBytes() {
      return onWayBytes;
    },
    set: (next) => {
      fault = next;
    },
    cut: () => {
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.end();
    },
    reset: () => {
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.resetAndDestroy();
    },
    async close() {
      const closed = once(listener, "close");
      listener.close();
      proxy.reset();
      await closed;
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  };
  return proxy;
}

/** A long pipe holds no more than this: then its sender waits, as with TCP. */
const ON_WAY_BYTES_MAX = 1 << 20;

/** Chunks that arrive later, each at its own time but none before the one that was sent before it. */
function createOnWay(count: (bytes: number) => void) {
  let last = Promise.resolve();
  let bytes = 0;
  const change = (by: number) => {
    bytes += by;
    count(by);
  };
  return {
    /** Resolves when more may follow. */
    async add(length: number, ms: number, deliver: () => Promise<void>): Promise<void> {
      change(length);
      const before = last;
      const due = sleep(ms, undefined, { ref: false });
      last = (async () => {
        await before;
        await due;
        change(-length);
        await deliver();
      })();
      last.catch(() => {}); // Awaited when it is emptied; a connection that is gone loses what was on its way.
      if (bytes > ON_WAY_BYTES_MAX) await last;
    },
    empty: () => last,
  };
}

async function send(bytes: Buffer, to: Socket): Promise<void> {
  if (to.writable && !to.write(bytes)) await Promise.race([once(to, "drain"), once(to, "close")]);
}
