/** A bare Socket.IO client on a Waybill hub: a packet per event, confirmed when it is on disk; a packet per delivery, with its acknowledgement. */
import type { ParcelEvent } from "@waybill/events";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import { storeQueue } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { nothingToPrepare, type PeerClient } from "../peer-client.ts";

const answerSchema = z.looseObject({ outcome: z.string() });

export function plainClient(at: Access["at"]): PeerClient {
  const url = textOf(at, "url");
  const open = async (namespace: string, token: string): Promise<Socket> => {
    const socket = io(`${url}${namespace}`, { auth: { token }, forceNew: true, transports: ["websocket"] });
    await new Promise<void>((resolve, reject) => {
      socket.once("welcome", () => resolve());
      socket.once("connect_error", reject);
    });
    return socket;
  };
  return {
    prepare: nothingToPrepare,
    async producer(index) {
      const token = at.drivers?.[index];
      if (token === undefined) throw new Error(`The bench has no token for producer ${index}.`);
      const socket = await open("/driver", token);
      return {
        publish: ({ type, ...event }) =>
          new Promise<void>((resolve, reject) => {
            socket.emit(type, event, (answer: unknown) => {
              if (answerSchema.parse(answer).outcome === "stored") resolve();
              else reject(new Error(`An event of the bench was not stored: ${JSON.stringify(answer)}`));
            });
          }),
        close: async () => void socket.disconnect(),
      };
    },
    async consumer(stores, handle) {
      const socket = await open("/vendor", textOf(at, "vendor"));
      socket.on("in-transit", (event: ParcelEvent, ack: () => void) => {
        handle(event);
        ack();
      });
      for (const store of stores) {
        const { outcome } = answerSchema.parse(await socket.emitWithAck("subscribe", { queue: storeQueue(store) }));
        if (outcome !== "subscribed") throw new Error(`The bench could not subscribe to ${storeQueue(store)}.`);
      }
      return {
        async close() {
          // A server drops what arrives together with the end of its connection: the last acks are read before that.
          await socket.emitWithAck("sync", {});
          socket.disconnect();
        },
      };
    },
  };
}
