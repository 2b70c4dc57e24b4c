import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFrame, type Settle } from "@waybill/events";
import { hash32, openHistory } from "@waybill/testkit";
import { Server, type Socket } from "socket.io";
import { expect, onTestFinished, test } from "vitest";
import { openEffects } from "./effects.ts";
import { openStaleOwner } from "./stale-owner.ts";

/** A hub of one queue and one consumer, which offers what a test says and tells what was settled. */
async function startOneConsumer() {
  const dir = mkdtempSync(join(tmpdir(), "waybill-stale-owner-"));
  const http = createServer();
  const server = new Server(http);
  const connected = Promise.withResolvers<Socket>();
  server.of("/vendor").on("connection", (socket) => {
    socket.on("subscribe", (_: unknown, answer: (told: object) => void) => {
      answer({ outcome: "subscribed", sub: 1, queue: "store/s" });
      connected.resolve(socket);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    // Its client does not come back after this.
    server.of("/vendor").disconnectSockets();
    await server.close();
    rmSync(dir, { recursive: true });
  });
  openStaleOwner({
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seats: [{ name: "a", token: "", stores: ["s"] }],
    leaseMs: 600_000,
    effects: openEffects(dir),
    history: openHistory(join(dir, "history.jsonl")),
  });
  const socket = await connected.promise;
  return {
    offer(epoch: number, token: number, { offset, id }: { offset: number; id: string }): void {
      const data = { extra: { producer: "p", n: offset, fate: "ok", fails: 0, pad: "" } };
      const body = { id, type: "in-transit", parcel: "P", store: "s", at: "2026-01-01T00:00:00.000Z", data };
      const header = { sub: 1, generation: 1, epoch, first: token, events: [[offset, 0]] };
      socket.emit("deliver", encodeFrame(header, [new TextEncoder().encode(JSON.stringify(body))]));
    },
    settled: () => new Promise<Settle>((resolve) => void socket.once("settle", resolve)),
  };
}

/** Whether an event is held for a test is told by its id. */
function idThat(isHeld: boolean): string {
  for (let n = 0; ; n++) if ((hash32(`e-${n}`) % 8 === 0) === isHeld) return `e-${n}`;
}

test("an event that comes again from before the held one is applied: its hub went back, and the test is void", async () => {
  const hub = await startOneConsumer();
  const earlier = { offset: 4, id: idThat(false) };
  const held = { offset: 5, id: idThat(true) };
  let settled = hub.settled();
  hub.offer(1, 1, earlier);
  expect(await settled).toMatchObject({ epoch: 1, acks: [[1, 1]] });

  hub.offer(1, 2, held);
  // The ack was lost with a commit: the same hub offers both again, on the same connection.
  settled = hub.settled();
  hub.offer(2, 3, earlier);
  expect(await settled).toMatchObject({ epoch: 2, acks: [[3, 3]] });
  settled = hub.settled();
  hub.offer(2, 4, held);
  expect(await settled).toMatchObject({ epoch: 2, acks: [[4, 4]] });
});
