import type { Socket as Connection } from "engine.io";
import { joinTexts, type OutgoingPacket } from "./one-buffer.ts";
import { cork, uncork } from "./one-write.ts";
import { count, type OnStalled, startCounting, taken } from "./outgoing.ts";
import { flushTexts } from "./texts.ts";
import { sendAtTurnsEnd } from "./turn-end.ts";

/** What is sent to a peer in one turn leaves at once, and is counted until the transport takes it. */
export function watchSending(connection: Connection, onStalled: OnStalled, monotonicMs?: () => number): void {
  startCounting(connection, onStalled, monotonicMs);
  sendAtTurnsEnd(connection);
  connection.on("packetCreate", created);
  connection.on("flush", flushing);
  connection.on("drain", flushed);
}

// The same functions for all connections, and one for each event: of several listeners Node copies the list each time.
function created(this: Connection, packet: { data?: unknown }): void {
  flushTexts(this);
  count(this, packet);
}

function flushing(this: Connection, packets: OutgoingPacket[]): void {
  taken(this);
  joinTexts(this, packets);
  cork(this, packets);
}

function flushed(this: Connection): void {
  uncork(this);
}
