import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { io } from "socket.io-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { Answers } from "./answers.ts";

/** Both ends of a connection. The client keeps the answers to `ask` until it is told to give them. */
async function openPair() {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  onTestFinished(() => server.close());
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const connected = once(server, "connection");
  const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports: ["websocket"], forceNew: true });
  onTestFinished(() => void client.close());
  const [socket]: Socket[] = await connected;
  if (!socket) throw new Error("no socket");
  const kept: (() => void)[] = [];
  client.on("ask", (answer: () => void) => void kept.push(answer));
  client.on("answer all", (done: () => void) => {
    for (const answer of kept) answer();
    done();
  });
  return { socket, answerAll: () => socket.emitWithAck("answer all") };
}

test("what was not answered from one sweep to the one after the next is forgotten, and what came since then is still heard", async () => {
  const { socket, answerAll } = await openPair();
  const heard: string[] = [];
  const answers = new Answers(socket);
  onTestFinished(() => answers.end());
  const ask = (name: string) => {
    answers.expect(1_000_000);
    socket.emit("ask", () => void heard.push(name));
  };
  ask("first");
  answers.sweep();
  ask("second");
  answers.sweep();
  ask("third");
  await answerAll();
  expect(heard).toEqual(["second", "third"]);
});

test("it looks after the longest lease, and only while something is awaited by a socket that is there", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const socket = { connected: true, acks: new Map<number, unknown>(), nsp: { _ids: 5 } };
  const answers = new Answers(socket as never);
  const ask = (leaseMs: number) => {
    answers.expect(leaseMs);
    socket.acks.set(socket.nsp._ids++, () => {});
  };
  expect(vi.getTimerCount()).toBe(0);
  ask(10_000);
  ask(60_000);
  vi.advanceTimersByTime(10_000);
  ask(10_000);
  expect([...socket.acks.keys()]).toEqual([5, 6, 7]);
  vi.advanceTimersByTime(60_000);
  ask(10_000);
  expect([...socket.acks.keys()]).toEqual([7, 8]);
  vi.advanceTimersByTime(60_000);
  expect([...socket.acks.keys()]).toEqual([8]);
  vi.advanceTimersByTime(60_000);
  expect([...socket.acks.keys()]).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  ask(10_000);
  expect(vi.getTimerCount()).toBe(1);
  answers.end();
  expect(vi.getTimerCount()).toBe(0);
  ask(10_000);
  socket.connected = false;
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
});
