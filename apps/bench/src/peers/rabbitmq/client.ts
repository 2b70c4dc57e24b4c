/** A quorum queue per store; a channel with confirms for each producer; a consumer acknowledges what one turn brought, at once. */
import { homeOf, storeQueue } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { loadModule } from "../client-modules.ts";
import { gather } from "../gather.ts";
import type { PeerClient } from "../peer-client.ts";

type Message = { content: Buffer };
/** What is used of amqplib. */
type Channel = {
  assertQueue(name: string, options: object): Promise<unknown>;
  prefetch(count: number): Promise<unknown>;
  consume(queue: string, handle: (message: Message | null) => void): Promise<{ consumerTag: string }>;
  cancel(tag: string): Promise<unknown>;
  ack(message: Message, allUpTo: boolean): void;
  sendToQueue(queue: string, content: Buffer, options: object, confirmed: (error: Error | null) => void): boolean;
  close(): Promise<void>;
};
type Connection = { createChannel(): Promise<Channel>; createConfirmChannel(): Promise<Channel>; close(): Promise<void> };
type AmqpLib = { connect(url: string): Promise<Connection> };

const HAND_EVENTS = 1_024;

export function rabbitmqClient(at: Access["at"]): PeerClient {
  const open = async (): Promise<Connection> => {
    const { connect } = await loadModule<AmqpLib>("amqplib");
    return connect(`amqp://guest:guest@127.0.0.1:${textOf(at, "port")}?frameMax=0`);
  };
  return {
    async prepare(shares) {
      const connection = await open();
      const channel = await connection.createChannel();
      for (const store of shares.flat())
        await channel.assertQueue(storeQueue(store), { durable: true, arguments: { "x-queue-type": "quorum" } });
      await connection.close();
    },
    async producer() {
      const connection = await open();
      const channel = await connection.createConfirmChannel();
      return {
        publish: (event) =>
          new Promise<void>((resolve, reject) => {
            const content = Buffer.from(JSON.stringify(event));
            channel.sendToQueue(homeOf(event), content, { persistent: true }, (error) => (error ? reject(error) : resolve()));
          }),
        close: () => connection.close(),
      };
    },
    async consumer(stores, handle) {
      const connection = await open();
      const channel = await connection.createChannel();
      await channel.prefetch(HAND_EVENTS);
      const ackAll = gather<Message>((messages) => {
        const last = messages.at(-1);
        if (last !== undefined) channel.ack(last, true);
      });
      for (const store of stores)
        await channel.consume(storeQueue(store), (message) => {
          if (message === null) return;
          handle(JSON.parse(message.content.toString("utf8")));
          ackAll(message);
        });
      return {
        async close() {
          await new Promise(setImmediate);
          await channel.close();
          await connection.close();
        },
      };
    },
  };
}
