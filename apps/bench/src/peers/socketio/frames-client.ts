import { encodeFrame, frameLines, toJsonBytes } from "@waybill/events";
import { type BenchEvent, storeName } from "../../load/bench-event.ts";
import { type Access, textOf } from "../access.ts";
import { gather } from "../gather.ts";
import { nothingToPrepare, type PeerClient } from "../peer-client.ts";
import { closeRelayed, connectRelay } from "./connect.ts";

type Publish = { event: BenchEvent; done: () => void };

export function framesClient(at: Access["at"]): PeerClient {
  const url = textOf(at, "url");
  return {
    prepare: nothingToPrepare,
    async producer() {
      const socket = await connectRelay(url);
      const send = gather<Publish>((publishes) => {
        const frame = encodeFrame(
          { stores: publishes.map(({ event }) => event.store) },
          publishes.map(({ event }) => toJsonBytes(event)),
        );
        socket.emit("frame", frame, () => {
          for (const { done } of publishes) done();
        });
      });
      return {
        publish: (event) => new Promise<void>((done) => send({ event, done })),
        close: () => closeRelayed(socket),
      };
    },
    async consumer(stores, handle) {
      const socket = await connectRelay(url);
      socket.on("frame", (frame: Uint8Array) => {
        for (const line of frameLines(frame)?.slice(1) ?? []) handle(JSON.parse(line));
      });
      await socket.emitWithAck("join", stores.map(storeName));
      return { close: () => closeRelayed(socket) };
    },
  };
}
