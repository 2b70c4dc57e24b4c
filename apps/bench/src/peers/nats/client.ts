/** A stream per store, on file, with one durable consumer; each event is published with its acknowledgement, and each delivery acknowledged. */
import { storeName } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { loadModule } from "../client-modules.ts";
import type { PeerClient } from "../peer-client.ts";

type Message = { data: Uint8Array; ack(): void };
type Messages = { close(): Promise<unknown> };
/** What is used of nats. */
type JetStream = {
  publish(subject: string, payload: Uint8Array): Promise<unknown>;
  consumers: {
    get(
      stream: string,
      durable: string,
    ): Promise<{ consume(options: { max_messages: number; callback: (message: Message) => void }): Promise<Messages> }>;
  };
};
type Manager = { streams: { add(config: object): Promise<unknown> }; consumers: { add(stream: string, config: object): Promise<unknown> } };
type Connection = { jetstream(): JetStream; jetstreamManager(): Promise<Manager>; flush(): Promise<void>; drain(): Promise<void> };
type Nats = { connect(options: { servers: string }): Promise<Connection> };

const DURABLE = "main";
const HAND_EVENTS = 1_024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function natsClient(at: Access["at"]): PeerClient {
  const open = async (): Promise<Connection> => {
    const { connect } = await loadModule<Nats>("nats");
    return connect({ servers: `127.0.0.1:${textOf(at, "port")}` });
  };
  return {
    async prepare(shares) {
      const connection = await open();
      const manager = await connection.jetstreamManager();
      for (const store of shares.flat()) {
        const name = storeName(store);
        await manager.streams.add({ name, subjects: [`store.${name}`], storage: "file" });
        await manager.consumers.add(name, { durable_name: DURABLE, ack_policy: "explicit", max_ack_pending: 2 * HAND_EVENTS });
      }
      await connection.drain();
    },
    async producer() {
      const connection = await open();
      const jetStream = connection.jetstream();
      return {
        publish: (event) => jetStream.publish(`store.${event.store}`, encoder.encode(JSON.stringify(event))),
        close: () => connection.drain(),
      };
    },
    async consumer(stores, handle) {
      const connection = await open();
      const jetStream = connection.jetstream();
      const callback = (message: Message): void => {
        handle(JSON.parse(decoder.decode(message.data)));
        message.ack();
      };
      const reading: Messages[] = [];
      for (const store of stores) {
        const consumer = await jetStream.consumers.get(storeName(store), DURABLE);
        reading.push(await consumer.consume({ max_messages: HAND_EVENTS, callback }));
      }
      return {
        async close() {
          await connection.flush();
          await Promise.all(reading.map((messages) => messages.close()));
          await connection.drain();
        },
      };
    },
  };
}
