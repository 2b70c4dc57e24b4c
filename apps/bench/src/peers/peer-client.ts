/** What a workload asks of a peer's clients, whatever they speak. Each producer and each consumer is a connection of its own. */
import type { ParcelEvent } from "@waybill/events";
import type { BenchEvent } from "../load/bench-event.ts";

/** Its return is the end of the work; a promise's end is, where a peer waits for one. */
export type Handle = (event: ParcelEvent) => unknown;

export type Producer = {
  /** Resolves when the peer has confirmed it. */
  publish(event: BenchEvent): Promise<unknown>;
  close(): Promise<void>;
};

export type Consumer = {
  /** What is handled by now is acknowledged. */
  close(): Promise<void>;
};

export type PeerClient = {
  /** Before anybody publishes: what the consumers of these shares of the stores will need, so that it is kept for them. */
  prepare(shares: readonly (readonly number[])[]): Promise<void>;
  producer(index: number): Promise<Producer>;
  consumer(stores: readonly number[], handle: Handle): Promise<Consumer>;
};

export const nothingToPrepare = async (): Promise<void> => {};
