import type { Socket as Connection } from "engine.io";
import type { Consumer } from "../dispatch/consumer.ts";

/** More than this waits for the peer: its subscriptions get nothing new until it has read. Credit is per subscription, and a socket may have thousands. */
const WAITING_BYTES_MAX = 1_048_576;

export const noCredit = { events: 0, bytes: 0 } as const;

export type Flow = {
  /** The same consumer, whose deliveries are counted. */
  watched(consumer: Consumer): Consumer;
  /** Nothing is offered to this socket just now. */
  isHeld(): boolean;
};

/** A peer that reads slower than it is sent to holds its own deliveries back, and nobody else's. */
export function createFlow(connection: Connection, onChange: (isHeld: boolean) => void, waitingBytes: () => number): Flow {
  let isHeld = false;
  const check = () => {
    if (isHeld || waitingBytes() <= WAITING_BYTES_MAX) return;
    isHeld = true;
    onChange(true);
    connection.once("flush", () => {
      isHeld = false;
      onChange(false);
    });
  };
  return {
    watched(consumer) {
      const { deliver } = consumer;
      consumer.deliver = (first, items, generation) => {
        deliver(first, items, generation);
        check();
      };
      return consumer;
    },
    isHeld: () => isHeld,
  };
}
