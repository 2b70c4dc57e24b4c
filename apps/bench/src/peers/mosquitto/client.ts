/** A topic per store, QoS 1. A consumer's session outlives its connection, so that what comes meanwhile is kept for it. */
import { storeName } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { loadModule } from "../client-modules.ts";
import type { PeerClient } from "../peer-client.ts";

/** What is used of mqtt. */
type Client = {
  publishAsync(topic: string, payload: string, options: { qos: 1 }): Promise<unknown>;
  subscribeAsync(topics: string[], options: { qos: 1 }): Promise<unknown>;
  on(event: "message", handle: (topic: string, payload: Buffer) => void): void;
  endAsync(): Promise<void>;
};
type Mqtt = { connectAsync(url: string, options: { clientId?: string; clean: boolean }): Promise<Client> };

const topicOf = (store: string): string => `store/${store}`;

export function mosquittoClient(at: Access["at"]): PeerClient {
  const connect = async (options: { clientId?: string; clean: boolean }): Promise<Client> => {
    const { connectAsync } = await loadModule<Mqtt>("mqtt");
    return connectAsync(`mqtt://127.0.0.1:${textOf(at, "port")}`, options);
  };
  const session = (stores: readonly number[]) => ({ clientId: `stores-from-${stores[0]}`, clean: false });
  const topics = (stores: readonly number[]): string[] => stores.map((store) => topicOf(storeName(store)));
  return {
    async prepare(shares) {
      for (const stores of shares) {
        const client = await connect(session(stores));
        await client.subscribeAsync(topics(stores), { qos: 1 });
        await client.endAsync();
      }
    },
    async producer() {
      const client = await connect({ clean: true });
      return {
        publish: (event) => client.publishAsync(topicOf(event.store), JSON.stringify(event), { qos: 1 }),
        close: () => client.endAsync(),
      };
    },
    async consumer(stores, handle) {
      const { connect: open } = await loadModule<{ connect: (url: string, options: object) => Client }>("mqtt");
      // What waits comes with the connection: the handler is there before.
      const client = open(`mqtt://127.0.0.1:${textOf(at, "port")}`, session(stores));
      client.on("message", (_topic, payload) => void handle(JSON.parse(payload.toString("utf8"))));
      await client.subscribeAsync(topics(stores), { qos: 1 });
      return { close: () => client.endAsync() };
    },
  };
}
