import type { Socket } from "socket.io";

export type Lease = { sub: Sub; token: number; offset: number; redrive: number };
export type Sub = {
  sub: number;
  socket: Socket;
  queue: string;
  group: string;
  instance: string;
  credit: number;
  inHand: Map<number, Lease>;
  isPool: boolean;
};
export type Group = {
  settled: Set<number>;
  failed: Map<number, number>;
  holder: Map<number, Lease>;
  types: Set<string> | null;
  generation: number;
};
