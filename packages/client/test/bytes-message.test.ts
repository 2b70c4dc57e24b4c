import { expect, test } from "vitest";
import { emitBytes } from "../src/bytes-message.ts";
import { openBarePair } from "./bare-pair.ts";

const namespace = "/acme/driver";
const openPair = () => openBarePair(["websocket"], namespace);
type Pair = Awaited<ReturnType<typeof openPair>>;

/** Answers as `answered` is told. */
const ask = (client: Pair["client"], bytes: Uint8Array, withinMs = 10_000) =>
  new Promise<unknown[]>((tell) => emitBytes(client, "publish", bytes, { namespace, withinMs, answered: (...told) => tell(told) }));

test("bytes arrive as `emit` would have sent them, in their place among what is emitted, and each gets its own answer", async () => {
  const { client, socket } = await openPair();
  const heard: unknown[] = [];
  socket.on("publish", (frame: Buffer, answer: (body: unknown) => void) => {
    heard.push([...frame]);
    answer({ outcome: "stored", of: [...frame] });
  });
  socket.on("other", (what: unknown) => void heard.push(what));
  client.emit("other", "before");
  const quick = ask(client, new Uint8Array([1, 2]));
  const theirs = client.timeout(10_000).emitWithAck("publish", new Uint8Array([3]));
  const again = ask(client, new Uint8Array([4]));
  client.emit("other", "behind");
  expect(await Promise.all([quick, theirs, again])).toEqual([
    [null, { outcome: "stored", of: [1, 2] }],
    { outcome: "stored", of: [3] },
    [null, { outcome: "stored", of: [4] }],
  ]);
  expect(heard).toEqual(["before", [1, 2], [3], [4], "behind"]);
});

test("who waits is told when the answer is late, and no later question inherits its time", async () => {
  const { client, socket } = await openPair();
  socket.on("slow", (answer: () => void) => setTimeout(answer, 100));
  const late = ask(client, new Uint8Array([1]), 10);
  const inTime = new Promise((resolve) => client.emit("slow", resolve));
  expect(await late).toEqual([expect.any(Error)]);
  await inTime;
});

test("who waits is told when the connection goes", async () => {
  const { client, socket } = await openPair();
  socket.on("publish", () => socket.conn.close());
  expect(await ask(client, new Uint8Array([1]))).toEqual([expect.any(Error)]);
});

test("without a connection the wait ends as with `emit`", async () => {
  const { client } = await openPair();
  client.disconnect();
  expect(await ask(client, new Uint8Array([1]), 10)).toEqual([expect.any(Error)]);
});
