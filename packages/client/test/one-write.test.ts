import { expect, test } from "vitest";
import { writeAtOnce } from "../src/one-write.ts";
import { openBarePair } from "./bare-pair.ts";

const MESSAGES = 50;

/** Which messages of one turn came, and how many writes they were. */
async function writesOf(isAtOnce: boolean): Promise<{ received: number[]; writes: number }> {
  const { client, socket } = await openBarePair(["websocket"]);
  if (isAtOnce) writeAtOnce(client.io.engine);
  const { _socket: below } = Reflect.get(client.io.engine.transport, "ws");
  let writes = 0;
  for (const name of ["_write", "_writev"]) {
    const write = below[name];
    below[name] = (...args: unknown[]) => {
      writes += 1;
      return write.apply(below, args);
    };
  }
  const received: number[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("settle", (index: number) => {
      received.push(index);
      if (received.length === MESSAGES) resolve();
    });
  });
  for (let index = 0; index < MESSAGES; index++) client.emit("settle", index);
  await all;
  return { received, writes };
}

test("what is said in one turn leaves in two writes, whole and in order", async () => {
  const { received, writes } = await writesOf(true);
  expect(received).toEqual(Array.from({ length: MESSAGES }, (_, index) => index));
  expect(writes).toBeLessThanOrEqual(4);
  expect((await writesOf(false)).writes).toBeGreaterThanOrEqual(MESSAGES);
});
