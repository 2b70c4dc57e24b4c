import { z } from "zod";

const handshakeSchema = z.object({ sid: z.string() });

/** A peer that polls, by hand: Engine.IO's packets in the bodies of requests. */
export type RawPolling = {
  /** One POST; resolves with its status. */
  post(body: string): Promise<number>;
  /** One GET; resolves with its status and body. */
  poll(): Promise<{ status: number; body: string }>;
  /** Polls until the hub knows the session no more. */
  closed(): Promise<void>;
};

export async function openRawPolling(url: string): Promise<RawPolling> {
  const target = `${url}/socket.io/?EIO=4&transport=polling`;
  const response = await fetch(target);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`refused: ${response.status} ${body}`);
  const { sid } = handshakeSchema.parse(JSON.parse(body.slice(1)));
  const session = `${target}&sid=${sid}`;
  const poll = async () => {
    const polled = await fetch(session);
    return { status: polled.status, body: await polled.text() };
  };
  return {
    post: async (body) => (await fetch(session, { method: "POST", body })).status,
    poll,
    async closed() {
      while ((await poll()).status === 200);
    },
  };
}
