import { type RunningHub, startHub } from "@waybill/testkit";
import { io, type Socket } from "socket.io-client";
import { expect } from "vitest";

/** A hub in a process of its own, and beside every attack an honest driver and its store, who must notice nothing. */
export type AttackedHub = {
  url: string;
  hub: RunningHub;
  /** Whether the hub has said so, in its log. */
  said(pattern: RegExp): boolean;
  token(role: "vendor" | "driver" | "admin"): string;
  /** The process lives, answers, and the honest pair lost neither an event nor its connection. */
  unharmed(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** One that was kept from the last question may just be closed by the hub, where nobody was heard for long. */
const ownConnection = { headers: { connection: "close" } };
const STORE = "honest-store";
/** So often the honest driver publishes. */
const EVERY_MS = 20;

export async function openAttackedHub(): Promise<AttackedHub> {
  const output: string[] = [];
  const hub = await startHub({
    onLine: (line) => void output.push(JSON.stringify(line)),
    onText: (text) => void output.push(text),
  });
  const token = (role: "vendor" | "driver" | "admin") => {
    if (role === "vendor") return hub.token({ role, sub: "v", stores: [STORE] });
    return role === "driver" ? hub.token({ role, sub: "d", driver: "honest-driver" }) : hub.token({ role, sub: "a" });
  };
  const honest = await openHonestPair(hub.url, token);
  return {
    url: hub.url,
    hub,
    said: (pattern) => output.some((line) => pattern.test(line)),
    token,
    async unharmed() {
      expect(hub.program.running, output.slice(-5).join("\n")).toBe(true);
      expect(hub.program.lives).toBe(1);
      expect((await fetch(`${hub.url}/healthz`, ownConnection)).status).toBe(200);
      await honest.check();
    },
    [Symbol.asyncDispose]: async () => {
      await honest.close();
      await hub.close();
    },
  };
}

type Honest = { check(): Promise<void>; close(): Promise<void> };

async function openHonestPair(url: string, token: AttackedHub["token"]): Promise<Honest> {
  const troubles: string[] = [];
  const received: number[] = [];
  const [driver, vendor] = await Promise.all([
    connect(`${url}/driver`, token("driver"), troubles),
    connect(`${url}/vendor`, token("vendor"), troubles),
  ]);
  vendor.on("in-transit", (event: { data: { note: string } }, ack: () => void) => {
    received.push(Number(event.data.note));
    ack();
  });
  expect(await vendor.emitWithAck("subscribe", {})).toMatchObject({ outcome: "subscribed" });

  let published = 0;
  let underWay = Promise.resolve();
  const publish = async () => {
    published += 1;
    const answer: unknown = await driver.emitWithAck("in-transit", { parcel: "honest", store: STORE, data: { note: String(published) } });
    if (!JSON.stringify(answer).includes('"stored"')) troubles.push(JSON.stringify(answer));
  };
  const publishNext = () => {
    underWay = underWay.then(publish);
    return underWay;
  };
  const timer = setInterval(() => void publishNext(), EVERY_MS);

  return {
    async check() {
      await publishNext();
      const count = published;
      await expect.poll(() => received.length).toBeGreaterThanOrEqual(count);
      expect(received.slice(0, count)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      expect(troubles).toEqual([]);
    },
    async close() {
      clearInterval(timer);
      await underWay;
      for (const socket of [driver, vendor]) socket.removeAllListeners("disconnect").close();
    },
  };
}

async function connect(url: string, token: string, troubles: string[]): Promise<Socket> {
  const socket = io(url, { auth: { token }, transports: ["websocket"], forceNew: true });
  socket.on("connect_error", (error) => troubles.push(`connect_error ${error.message}`));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  socket.on("disconnect", (why) => troubles.push(`disconnect ${why}`));
  return socket;
}
