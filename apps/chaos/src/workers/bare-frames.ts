/** Frames as docs/PROTOCOL.md tells them, on a bare Socket.IO client, without the SDK's care: what a stale or confused peer may send. */
import { type Confirm, confirmSchema, decodeFrame, deliverHeaderSchema, encodeFrame, lostSchema, type Settle } from "@waybill/events";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";

const ANSWER_MS = 3_000;

const bodySchema = z.object({
  id: z.string(),
  type: z.string(),
  parcel: z.string(),
  store: z.string(),
  at: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Offered = {
  sub: number;
  epoch: number;
  token: number;
  queue: string;
  offset: number;
  redrive: number;
  event: z.infer<typeof bodySchema>;
};

const subscribed = z.object({ outcome: z.literal("subscribed"), sub: z.number(), queue: z.string() });

export function openFrames(url: string, { namespace, token }: { namespace: "/driver" | "/vendor"; token: string }) {
  const socket: Socket = io(`${url}${namespace}`, {
    auth: { token, protocol: 1, sdk: "bare-frames/0" },
    transports: ["websocket"],
    forceNew: true,
    reconnectionDelay: 100,
    reconnectionDelayMax: 1_000,
  });
  const queues = new Map<number, string>();

  /** `null`: no answer, which is unknown. */
  async function ask(name: string, body: unknown): Promise<unknown> {
    if (!socket.connected) return null;
    return socket
      .timeout(ANSWER_MS)
      .emitWithAck(name, body)
      .catch(() => null);
  }

  return {
    socket,
    ask,
    /** Of the present connection. */
    get connection(): string {
      return socket.id ?? "";
    },
    async subscribe(queue: string, instance: string): Promise<boolean> {
      const answer = subscribed.safeParse(await ask("subscribe", { queue, instance, credit: { events: 16, bytes: 65_536 } }));
      if (answer.success) queues.set(answer.data.sub, queue);
      return answer.success;
    },
    onOffered(take: (offered: Offered) => void): void {
      socket.on("deliver", (bytes: Uint8Array) => {
        const { header, bodies } = decodeFrame(bytes);
        const { sub, epoch, first, events } = deliverHeaderSchema.parse(header);
        // The first frame may overtake the answer to its subscription: one store is one queue.
        for (const [index, [offset = 0, , , , redrive = 0]] of events.entries()) {
          const event = bodySchema.parse(JSON.parse(new TextDecoder().decode(bodies[index])));
          take({ sub, epoch, token: first + index, queue: queues.get(sub) ?? `store/${event.store}`, offset, redrive, event });
        }
      });
    },
    onLost(lost: (epoch: number, token: number) => void): void {
      socket.on("lost", (notice: unknown) => {
        const { epoch, tokens } = lostSchema.parse(notice);
        for (const [from, to] of tokens) for (let token = from; token <= to; token++) lost(epoch, token);
      });
    },
    settle: (settle: Settle) => void socket.emit("settle", settle),
    /** When it is true, the hub has seen all that was sent on this connection before. */
    roundTrip: async (): Promise<boolean> => (await ask("subscribe", { queue: "store/-" })) !== null,
    async publish(header: object, events: readonly object[]): Promise<Confirm | null> {
      const bodies = events.map((event) => new TextEncoder().encode(JSON.stringify(event)));
      const answer = confirmSchema.safeParse(await ask("publish", encodeFrame(header, bodies)));
      return answer.success ? answer.data : null;
    },
  };
}
export type Frames = ReturnType<typeof openFrames>;
