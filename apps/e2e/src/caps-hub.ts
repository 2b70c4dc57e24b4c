import { ownPort, type StartHubOptions } from "@waybill/testkit";
import { io, type ManagerOptions, type Socket } from "socket.io-client";
import { startTestHub, type TestHub } from "./test-hub.ts";

/** A hub that serves old clients, on a port that stays the same over its lives. */
export type CapsHub = TestHub & { readonly capsUrl: string };

export async function startCapsHub(
  options: { stores: readonly string[]; dialects?: readonly string[]; args?: readonly string[] } & Omit<StartHubOptions, "args">,
): Promise<CapsHub> {
  const { stores, dialects = [], args = [], ...others } = options;
  const port = await ownPort();
  const caps = ["--caps-port", String(port), ...stores.flatMap((store) => ["--caps-stores", store])];
  const spoken = dialects.flatMap((dialect) => ["--caps-dialect", dialect]);
  const hub = await startTestHub({ ...others, args: [...caps, ...spoken, ...args] });
  return { ...hub, capsUrl: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

export type OldMessage = Record<string, unknown> & { messageID: string; order: Record<string, unknown> };

/** A bare socket of an old client, and what it has heard. */
export type OldClient = {
  socket: Socket;
  emit(name: string, ...args: unknown[]): void;
  /** The next message of this name; waits for it. */
  next(name: string): Promise<OldMessage>;
  /** What was heard under this name and not asked for yet. */
  heard(name: string): OldMessage[];
  close(): void;
};

export async function connectOld(url: string, options: Partial<ManagerOptions> = {}): Promise<OldClient> {
  const socket = io(url, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
  const inbox = new Map<string, OldMessage[]>();
  const waiting = new Map<string, ((message: OldMessage) => void)[]>();
  socket.onAny((name: string, message: OldMessage) => {
    const waits = waiting.get(name)?.shift();
    if (waits) waits(message);
    else inbox.set(name, [...(inbox.get(name) ?? []), message]);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", () => resolve());
    socket.once("connect_error", reject);
  });
  return {
    socket,
    emit: (name, ...args) => void socket.emit(name, ...args),
    next(name) {
      const [first, ...others] = inbox.get(name) ?? [];
      if (first) {
        inbox.set(name, others);
        return Promise.resolve(first);
      }
      return new Promise((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
    },
    heard: (name) => inbox.get(name) ?? [],
    close: () => socket.disconnect(),
  };
}
