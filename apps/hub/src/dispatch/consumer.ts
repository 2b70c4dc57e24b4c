import type { ConsumerMode, Credit, DeliveryItem, EngineInput } from "@waybill/queue";
import type { Socket } from "socket.io";
import type { Answers } from "./answers.ts";
import type { FrameDesk } from "./frame-desk.ts";

export type TokenRange = readonly [from: number, to: number];

/** One socket's seat in a subscription, as the runner sees it. Sends only; decides nothing. */
export interface Consumer {
  /** Random per process of the peer; one that comes back with it was not interrupted. */
  readonly instance: string;
  /** For dead letters and logs: role and name. */
  readonly by: string;
  readonly mode: ConsumerMode;
  credit: Credit;
  /** Under which its engine knows it; the runner gives and takes it. 0: none. */
  seat: number;
  deliver(first: number, items: readonly DeliveryItem[], generation: number): void;
  lost(epoch: number, tokens: readonly TokenRange[]): void;
  reset(generation: number, floor: number): void;
  gap(from: number, to: number): void;
  /** The subscription is over on the hub's side; the connection closes so that the peer comes back. */
  abandon(): void;
}

/** What all consumers of one socket share. */
export interface Peer {
  readonly socket: Socket;
  /** First half of every token. */
  readonly epoch: number;
  /** For dead letters and logs: role and name. */
  readonly by: string;
  /** Of its connection; `null`: it speaks version 1, and each frame is one subscription's. */
  readonly desk: FrameDesk | null;
  /** What it is to answer, as a plain client. */
  readonly answers: Answers;
  /** Something was sent. */
  delivered(): void;
}

export const subscribeInput = ({ seat, instance, by, mode, credit }: Consumer): EngineInput => ({
  type: "subscribe",
  consumer: seat,
  instance,
  by,
  mode,
  credit,
});
