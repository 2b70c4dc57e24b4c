/**
 * /caps: the parcel service of course projects, for clients that are not ours and not changed. What they say becomes events like
 * everybody's, through the same admission; what they are sent comes from a group `caps` of each named store, and from the pool `caps`.
 */
import type { Server as HttpServer } from "node:http";
import { DEFAULT_TENANT, type Queue, queueOf } from "@waybill/events";
import { type Namespace, Server, type ServerOptions, type Socket } from "socket.io";
import { startOffset } from "../operate/start-offset.ts";
import type { SessionParts } from "../sessions/session-parts.ts";
import { type CapsSession, openCapsSession } from "./caps-session.ts";
import { createComposer } from "./compose.ts";
import { createDesk, type Desk } from "./desk.ts";
import type { Dialect } from "./dialect.ts";
import { CAPS } from "./event-of.ts";
import { createTaking } from "./taking.ts";

const tenant = DEFAULT_TENANT;

export type CapsParts = {
  stores: readonly string[];
  dialects: readonly Dialect[];
  http: HttpServer;
  socketOptions: Partial<ServerOptions>;
  guard(namespace: Namespace): void;
};

export type Caps = {
  /** Makes known what is named, and the stores' groups where they are not there. Before anybody may connect. */
  open(): Promise<void>;
  /**
   * Sends all old clients away, to come back by themselves: they do not understand a refusal, but keep for the next connection what
   * they say without one. Resolves when all that they had said is stored.
   */
  close(): Promise<void>;
};

export function createCaps(sessions: SessionParts, parts: CapsParts): Caps {
  const { storage, registry, proof, names } = sessions;
  const io = new Server(parts.http, parts.socketOptions);
  const stores = new Set(parts.stores);
  const compose = createComposer({ storage, tenant, stores });
  const deskFor = (queue: Queue, group: string): Desk =>
    createDesk({ key: { tenant, queue, group }, epoch: storage.info.epoch, registry, proof, compose });
  const drivers = deskFor(queueOf("zone", CAPS), "main");
  const storeDesks = new Map(parts.stores.map((store) => [store, deskFor(queueOf("store", store), CAPS)]));
  const storeDesk = (store: string): Desk => {
    const desk = storeDesks.get(store);
    if (!desk) throw new Error(`${store} is not among the stores that were named`);
    return desk;
  };
  const sessionParts = { ...sessions, stores, drivers, storeDesk, take: createTaking({ ...sessions, tenant }) };
  const open = new Map<Socket, CapsSession>();

  for (const dialect of parts.dialects) {
    const namespace = io.of(dialect.namespace);
    parts.guard(namespace);
    namespace.on("connection", (socket: Socket) => {
      const session = openCapsSession(sessionParts, socket, dialect);
      open.set(socket, session);
      socket.on("disconnect", () => void session.settled().finally(() => open.delete(socket)));
    });
  }

  const makeGroup = async (store: string) => {
    const key = { tenant, queue: queueOf("store", store), group: CAPS };
    const { head, firstKept } = await storage.read(tenant, key.queue, 1, { eventsMax: 0, bytesMax: 0 });
    const offset = await startOffset(storage, key, { start: "end", head, firstKept });
    await storage.createSubscription(key, { start: { offset }, types: ["in-transit", "delivered"], policy: "block" });
  };

  return {
    async open() {
      await names.add(tenant, "store", parts.stores);
      await names.add(tenant, "zone", [CAPS]);
      await names.add(tenant, "driver", [CAPS]);
      await Promise.all(parts.stores.map(makeGroup));
    },
    async close() {
      // Not `disconnect()`: after that an official client never comes back by itself.
      for (const socket of open.keys()) socket.conn.close();
      await Promise.all([...open.values()].map((session) => session.settled()));
      await io.close();
    },
  };
}
