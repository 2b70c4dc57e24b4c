/** While a disk is full an answer must come within two seconds of the hub's own time: who sits on a publish is found, who had no time is not. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { expect, test } from "vitest";
import { openProbe } from "../src/faults/probe.ts";

type Answer = (body: object) => void;
const later = { outcome: "refused", error: { code: "STORAGE_FULL", retry: "backoff", message: "later" } };

/** A hub that does with a publish and with other requests what the test wants; what the probe wrote of it. */
async function probed(hub: { onPublish: (answer: Answer) => void; onOther: (answer: Answer) => void }): Promise<string[]> {
  const http = createServer();
  const server = new Server(http);
  server.of("/driver").on("connection", (socket) => {
    socket.onAny((name: string, _body: unknown, answer: Answer) => (name === "subscribe" ? hub.onOther(answer) : hub.onPublish(answer)));
  });
  await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const lines: string[] = [];
  const history = { write: (line: object) => void lines.push("kind" in line ? String(line.kind) : "?"), close: () => {} };
  const probe = openProbe({ url: `http://127.0.0.1:${port}`, token: "t", store: "s", history });
  try {
    while (lines.length === 0) {
      await probe.ask(() => true);
      await new Promise((resolve) => void setTimeout(resolve, 10)); // Until it is connected.
    }
    return lines;
  } finally {
    probe.close();
    await server.close();
  }
}

test("an honest refusal proves the promise", async () => {
  expect(await probed({ onPublish: (answer) => answer(later), onOther: (answer) => answer(later) })).toEqual(["intent", "proved"]);
});

test("a hub that answers everything but the publish breaks it", async () => {
  expect(await probed({ onPublish: () => {}, onOther: (answer) => answer(later) })).toEqual(["intent", "broken"]);
});

test("a hub that is refused for good breaks it", async () => {
  const never = { ...later, error: { ...later.error, retry: "never" } };
  expect(await probed({ onPublish: (answer) => answer(never), onOther: (answer) => answer(later) })).toEqual(["intent", "broken"]);
});

test("a hub that got no time for anything does not: its time has not begun", async () => {
  let wake = () => {};
  const slept = new Promise<void>((resolve) => {
    wake = resolve;
  });
  setTimeout(wake, 4_000);
  const late = (answer: Answer) => void slept.then(() => answer(later));
  expect(await probed({ onPublish: late, onOther: late })).toEqual(["intent", "proved"]);
});
