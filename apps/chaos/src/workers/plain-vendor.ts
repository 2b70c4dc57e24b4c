/**
 * A vendor on the plain wire: an official Socket.IO client as it comes, which reconnects by itself and must never be left
 * without. It answers late instead of extending: a hung handler loses its event, and its late answer counts for nothing.
 */
import { type PlainDelivery, plainDeliverySchema } from "@waybill/events";
import { type HandlerParts, handle } from "./handle.ts";
import { ask, type Connect, type PlainSocket } from "./plain-socket.ts";

export type PlainVendor = {
  /** Connected, or going to try again. */
  isActive(): boolean;
  isConnected(): boolean;
};

type Acknowledge = (answer?: { nack: string }) => void;

const SUBSCRIBE_MS = 3_000;

export function openPlainVendor(
  { url, name, token, stores }: { url: string; name: string; token: string; stores: readonly string[] },
  parts: HandlerParts & { connect: Connect },
): PlainVendor {
  const socket = parts.connect(`${url}/vendor`, { auth: { token }, forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 1_000 });
  socket.on("connect", () => {
    for (const store of stores) void subscribe(socket, `store/${store}`);
  });
  socket.onAny((type: string, body: unknown, acknowledge: unknown) => {
    const delivery = plainDeliverySchema.safeParse(body);
    if (!delivery.success || delivery.data.type !== type || typeof acknowledge !== "function") return;
    void answer(delivery.data, (reply) => void acknowledge(reply));
  });

  async function answer(delivery: PlainDelivery, acknowledge: Acknowledge): Promise<void> {
    const { queue, offset, redrive = 0, id, type, parcel, store, at, data } = delivery;
    try {
      await handle({ queue, offset, redrive, event: { id, type, parcel, store, at, data } }, name, parts);
      acknowledge();
    } catch (error) {
      acknowledge({ nack: String(error) });
    }
  }

  return { isActive: () => socket.active, isConnected: () => socket.connected };
}

/** Until the hub answers on this connection: a subscription ends with it. */
async function subscribe(socket: PlainSocket, queue: string): Promise<void> {
  const { id } = socket;
  while (socket.connected && socket.id === id) {
    // No answer in time: asked again while this connection lives.
    const answer = await ask(socket, { name: "subscribe", body: { queue }, answerMs: SUBSCRIBE_MS });
    if (typeof answer === "object" && answer !== null && "outcome" in answer && answer.outcome === "subscribed") return;
  }
}
