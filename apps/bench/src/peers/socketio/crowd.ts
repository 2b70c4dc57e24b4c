import { storeName } from "../../load/bench-event.ts";
import type { StartCrowd } from "../crowd.ts";
import { connectRelay } from "./connect.ts";
import { startRelay } from "./start-relay.ts";

/** It has no way to keep anything for those who are away: nothing is missed, since nobody could ask for it. */
export const startRelayForCrowd: StartCrowd = async (options) => {
  const relay = await startRelay(options);
  const courier = await connectRelay(relay.url);
  return {
    ...relay,
    member: (store) => ({ url: relay.url, auth: {}, readyOn: "connect", hello: ["join", [storeName(store)]] }),
    courier: async () => () => void courier.emit("position", { store: storeName(0), lat: 51.5, lng: -0.1 }),
    async crash() {
      await relay.killAndRestart();
      return 0;
    },
    async [Symbol.asyncDispose]() {
      courier.disconnect();
      await relay[Symbol.asyncDispose]();
    },
  };
};
