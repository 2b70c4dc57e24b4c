import { type Socket as Connection, Socket } from "engine.io";

/** Not a part of engine.io's types; looked up once. */
type Flushed = { flush(): void; [IS_DUE]?: boolean };
const IS_DUE = Symbol("is due");
const { flush } = Socket.prototype as unknown as Flushed;

let due: Flushed[] = [];

/**
 * What a turn sends to a peer is handed to its transport when the turn ends, all of it together. By itself engine.io hands over the first packet
 * as it comes and the others when that one is written: a message with bytes, which is two packets, was two system calls, and the peer woke up twice.
 */
export function sendAtTurnsEnd(connection: Connection): void {
  (connection as unknown as Flushed).flush = flushLater;
}

/** What was sent to this peer in this turn leaves now: somebody waits for it, and for nothing that is to come behind it. */
export function sendNow(connection: Connection): void {
  const due = connection as unknown as Flushed;
  if (due[IS_DUE]) flush.call(due);
}

function flushLater(this: Flushed): void {
  if (this[IS_DUE]) return;
  this[IS_DUE] = true;
  if (due.push(this) === 1) queueMicrotask(flushAll);
}

function flushAll(): void {
  const now = due;
  due = [];
  for (const connection of now) {
    connection[IS_DUE] = false;
    flush.call(connection);
  }
}
