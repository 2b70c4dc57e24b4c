/**
 * The network of one client process, in front of the hub: a TCP proxy that can be broken in many ways and healed. Bytes that
 * vanished are gone, which TCP never does to a connection that lives: so healing ends those connections.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createTcpFaultProxy, type TcpFault, type TcpFaultProxy } from "@waybill/testkit";

const faults: Readonly<Record<string, TcpFault>> = {
  blackhole: { kind: "blackhole" },
  "half-open-up": { kind: "half-open", lost: "up" },
  "half-open-down": { kind: "half-open", lost: "down" },
  latency: { kind: "delay", ms: 80, jitterMs: 60 },
  "long-latency": { kind: "delay", ms: 3_000, jitterMs: 2_000 },
  drip: { kind: "drip", bytesPerS: 2_000 },
  "one-byte": { kind: "drip", bytesPerS: 1_000, sliceBytes: 1 },
};
/** So short that the frames of any connection are still on their way. */
const MID_FRAME_MS = 40;

export type BrokenLink = { readonly url: string; break(how: string, lastsMs: number): Promise<void>; close(): Promise<void> };

export async function createLink(target: { port: number }, chance: () => number): Promise<BrokenLink> {
  const proxy = await createTcpFaultProxy({ target, chance });
  return { url: proxy.url, break: (how, lastsMs) => breakLink(proxy, how, lastsMs), close: () => proxy.close() };
}

async function breakLink(proxy: TcpFaultProxy, how: string, lastsMs: number): Promise<void> {
  switch (how) {
    case "reset":
      proxy.reset();
      return;
    case "cut":
      proxy.cut();
      return;
    case "mid-frame":
      proxy.set({ kind: "drip", bytesPerS: 4_000, sliceBytes: 7 });
      await sleep(MID_FRAME_MS);
      proxy.reset();
      break;
    default: {
      const fault = faults[how];
      if (!fault) throw new TypeError(`There is no network fault ${how}.`);
      const lost = proxy.lostBytes;
      proxy.set(fault);
      await sleep(lastsMs);
      if (proxy.lostBytes > lost) proxy.reset();
    }
  }
  proxy.set({ kind: "pass" });
}
