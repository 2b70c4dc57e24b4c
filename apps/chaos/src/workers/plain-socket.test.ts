import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { ask, type PlainSocket } from "./plain-socket.ts";

/** So long nobody waits here. */
const answerMs = 600_000;

/** A socket whose hub keeps its answers until they are asked for. */
function silentSocket() {
  const heard = new EventEmitter();
  const answers: ((answer: unknown) => void)[] = [];
  const socket = {
    once: (name: string, listener: () => void) => heard.once(name, listener),
    off: (name: string, listener: () => void) => heard.off(name, listener),
    emit: (_: string, __: object, answer: (answer: unknown) => void) => void answers.push(answer),
  } as unknown as PlainSocket;
  return { socket, answers, heard };
}

test("an answer is what the question comes to, and nothing is left listening", async () => {
  const { socket, answers, heard } = silentSocket();
  const asked = ask(socket, { name: "subscribe", body: {}, answerMs });
  answers[0]?.({ outcome: "subscribed" });
  expect(await asked).toEqual({ outcome: "subscribed" });
  expect(heard.listenerCount("disconnect")).toBe(0);
});

test("a connection that ends leaves the answer unknown, whatever comes later", async () => {
  const { socket, answers, heard } = silentSocket();
  const asked = ask(socket, { name: "subscribe", body: {}, answerMs });
  heard.emit("disconnect");
  answers[0]?.({ outcome: "subscribed" });
  expect(await asked).toBeNull();
});

test("no answer in time is unknown too", async () => {
  const { socket, heard } = silentSocket();
  expect(await ask(socket, { name: "subscribe", body: {}, answerMs: 1 })).toBeNull();
  expect(heard.listenerCount("disconnect")).toBe(0);
});
