import type { ParcelEvent } from "@waybill/events";
import { storeName } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { nothingToPrepare, type PeerClient } from "../peer-client.ts";
import { closeRelayed, connectRelay } from "./connect.ts";

export function packetsClient(at: Access["at"]): PeerClient {
  const url = textOf(at, "url");
  return {
    prepare: nothingToPrepare,
    async producer() {
      const socket = await connectRelay(url);
      return {
        publish: (event) => new Promise<void>((resolve) => void socket.emit("event", event, () => resolve())),
        close: () => closeRelayed(socket),
      };
    },
    async consumer(stores, handle) {
      const socket = await connectRelay(url);
      socket.on("event", (event: ParcelEvent, ack: () => void) => {
        handle(event);
        ack();
      });
      await socket.emitWithAck("join", stores.map(storeName));
      return { close: () => closeRelayed(socket) };
    },
  };
}
