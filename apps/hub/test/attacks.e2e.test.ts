import {
  adminRequests,
  clientNotices,
  driverNotices,
  driverRequests,
  eventTypes,
  limits,
  PROTOCOL_VERSION,
  vendorRequests,
} from "@waybill/events";
import { createChance } from "@waybill/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AttackedHub, openAttackedHub } from "./attacked-hub.ts";
import { malformedPackets } from "./malformed-packets.ts";
import { answeredOrClosed, ask, connectTo, nested, openRawPeer, type RawPeer } from "./raw-peer.ts";
import { openRawPolling } from "./raw-polling.ts";

let attacked: AttackedHub;
beforeAll(async () => {
  attacked = await openAttackedHub();
});
afterEach(() => attacked.unharmed());
afterAll(async () => {
  expect(attacked.said(/eyJ[\w-]{8,}\./)).toBe(false);
  await attacked[Symbol.asyncDispose]();
});

async function openPeer(role: "vendor" | "driver" | "admin"): Promise<RawPeer> {
  const peer = await openRawPeer(attacked.url);
  expect(await connectTo(peer, `/${role}`, { token: attacked.token(role) })).toHaveProperty("sid");
  return peer;
}

const names = {
  driver: [...eventTypes, ...Object.keys(driverRequests), ...Object.keys(driverNotices), "publish"],
  vendor: [...eventTypes, ...Object.keys(vendorRequests), ...Object.keys(clientNotices), "publish"],
  admin: Object.keys(adminRequests),
};

test.each(["driver", "vendor", "admin"] as const)(
  "each event of /%s without an ack, with too many arguments, with none, and with nonsense",
  async (role) => {
    for (const name of names[role]) {
      const peer = await openPeer(role);
      for (const args of [[], [{}], [{}, {}, {}], [null], ["x"], [[[]]], [{ length: 1e9 }], [{ __proto__: null, polluted: 1 }]]) {
        peer.send(`2/${role},${JSON.stringify([name, ...args])}`);
        peer.send(`2/${role},7${JSON.stringify([name, ...args])}`);
      }
      peer.send(`2/${role},8["no such name"]`);
      await answeredOrClosed(peer, `3/${role},8[`);
      expect(
        peer.packets.some((packet) => packet.includes('"refused"')),
        name,
      ).toBe(true);
      peer.close();
    }
  },
);

test.each([33, 5_000, 450_000])("a body nested %i deep closes that connection", async (levels) => {
  const peer = await openPeer("driver");
  peer.send(`2/driver,1["delivered",${nested(levels)}]`);
  await peer.closed;
  const polling = await openRawPolling(attacked.url);
  expect(await polling.post(`40/driver,${nested(levels)}`)).toBe(levels > 10_000 ? 413 : 200);
  if (levels < 10_000) await polling.closed();
});

test("2,000 CONNECTs on one connection are one socket at most, and the hub says why", async () => {
  const peer = await openRawPeer(attacked.url);
  const auth = JSON.stringify({ token: attacked.token("vendor") });
  for (let index = 0; index < 2_000; index += 1) peer.send(`0/vendor,${auth}`);
  // Those that come before the first is through are errors; one that comes after closes the connection.
  await expect.poll(() => peer.packets.some((packet) => packet.includes("one CONNECT is enough"))).toBe(true);
  await answeredOrClosed(peer, "0/vendor,");
  expect(peer.packets.filter((packet) => packet.startsWith("0/vendor,")).length).toBeLessThanOrEqual(1);
  peer.close();
});

test("2,000 CONNECTs in one POST are one socket", async () => {
  const polling = await openRawPolling(attacked.url);
  const auth = JSON.stringify({ token: attacked.token("vendor") });
  const count = Math.floor(60_000 / auth.length);
  const packets = [`40/vendor,${auth}`, ...Array<string>(1_999).fill("40/vendor,")].slice(0, count + 1_999);
  expect(await polling.post(packets.join("\u001e"))).toBe(200);
  let answered = "";
  while (!answered.includes("40/vendor,{")) answered += (await polling.poll()).body;
  expect(answered.split("40/vendor,{")).toHaveLength(2);
});

test("six namespaces that do not exist close the connection", async () => {
  const peer = await openRawPeer(attacked.url);
  for (let index = 0; index < 6; index += 1) peer.send(`0/tenant-${index},`);
  await peer.closed;
  expect(peer.packets.every((packet) => packet.includes("Invalid namespace"))).toBe(true);
});

/** A packet of exactly so many bytes, with Engine.IO's type, that is answered with UNKNOWN_TYPE. */
const packetOf = (bytes: number) => {
  const [head, tail] = ['42/driver,1["no such name","', '"]'];
  return `${head}${"x".repeat(bytes - head.length - tail.length)}${tail}`;
};

test.each([
  [limits.frameBytesMax - 1, true],
  [limits.frameBytesMax, true],
  [limits.frameBytesMax + 1, false],
])("a frame of %i bytes passes: %s", async (bytes, passes) => {
  const peer = await openPeer("driver");
  peer.sendRaw(packetOf(bytes));
  if (passes) expect(await peer.packet("3/driver,1[")).toContain("UNKNOWN_TYPE");
  else expect(await peer.closed).toBe(1009);
  peer.close();
  const polling = await openRawPolling(attacked.url);
  expect(await polling.post(packetOf(bytes))).toBe(passes ? 200 : 413);
});

test("too many attachments, one that never comes, and one that nobody announced", async () => {
  const many = await openPeer("driver");
  many.send('52-/driver,1["publish",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  await many.closed;
  const never = await openPeer("driver");
  never.send('51-/driver,1["publish",{"_placeholder":true,"num":0}]');
  never.send('2/driver,2["jobs",{}]');
  await never.closed;
  const unannounced = await openPeer("driver");
  unannounced.sendBytes(new Uint8Array(1_000));
  await unannounced.closed;
  const elsewhere = await openPeer("driver");
  elsewhere.send('51-/driver,1["publish",{"_placeholder":true,"num":7}]');
  elsewhere.sendBytes(new Uint8Array(1_000));
  await elsewhere.closed;
});

test("bytes where JSON belongs, and JSON where bytes belong", async () => {
  const peer = await openPeer("driver");
  peer.send('51-/driver,1["take",{"parcel":{"_placeholder":true,"num":0}}]');
  peer.sendBytes(new Uint8Array(10));
  expect(await peer.packet("3/driver,1[")).toContain("INVALID_MESSAGE");
  expect(await ask(peer, "/driver", 2, "publish", "text")).toMatchObject({ error: { code: "INVALID_MESSAGE" } });
  for (const [index, bytes] of [new Uint8Array(0), new Uint8Array(65_000), new TextEncoder().encode('{"lanes":[]}\n\n\n')].entries()) {
    peer.send(`51-/driver,${10 + index}["publish",{"_placeholder":true,"num":0}]`);
    peer.sendBytes(bytes);
    expect(await peer.packet(`3/driver,${10 + index}[`)).toContain('"refused"');
  }
  peer.close();
});

test.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "error", "welcome", "message?", ""])(
  "an event called %j harms nobody",
  async (name) => {
    const peer = await openPeer("vendor");
    expect(await ask(peer, "/vendor", 1, name, {})).toMatchObject({ outcome: "refused" });
    peer.close();
  },
);

test.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
  "Socket.IO's own %s closes the connection",
  async (name) => {
    const peer = await openPeer("vendor");
    peer.send(`2/vendor,${JSON.stringify([name, {}])}`);
    await peer.closed;
  },
);

test("names that are properties of every object are no names of stores, parcels, groups or queues", async () => {
  const peer = await openPeer("driver");
  let id = 0;
  for (const evil of ["__proto__", "constructor", "prototype", "../../etc", "a".repeat(1_000), "store/x", "\u0000"]) {
    const body = { parcel: "p", store: "s" };
    for (const bad of [
      { ...body, store: evil },
      { ...body, parcel: evil },
      { ...body, id: evil },
    ]) {
      expect(await ask(peer, "/driver", ++id, "delivered", bad), evil).toMatchObject({ outcome: "refused" });
    }
    const ownKey = JSON.parse(`{"parcel":"p","store":"s",${JSON.stringify(evil)}:1}`);
    expect(await ask(peer, "/driver", ++id, "delivered", ownKey), evil).toMatchObject({ outcome: "refused" });
    expect(await ask(peer, "/driver", ++id, "subscribe", { queue: `store/${evil}` })).toMatchObject({ outcome: "refused" });
    expect(await ask(peer, "/driver", ++id, "subscribe", { queue: "driver/honest-driver", group: evil })).toMatchObject({
      outcome: "refused",
    });
  }
  peer.close();
});

test("every kind of malformed packet", async () => {
  for (const packet of malformedPackets) {
    const peer = await openPeer("driver");
    peer.sendRaw(packet);
    peer.send('2/driver,999["no such name"]');
    await answeredOrClosed(peer, "3/driver,999[");
    peer.close();
  }
});

test("20,000 packets of seeded noise", async () => {
  const chance = createChance("noise");
  const alphabet = '0123456789{}[]",:/-_ \\abcdriverpublishnull\u001e\u0000é🜚';
  const pick = (max: number) => Math.floor(chance.next() * max);
  let peer = await openPeer("driver");
  for (let index = 0; index < 20_000; index += 1) {
    if (!peer.isOpen) peer = await openPeer("driver");
    const noise = Array.from({ length: pick(60) }, () => alphabet[pick(alphabet.length)]).join("");
    peer.send(chance.next() < 0.5 ? noise : `2/driver,${noise}`);
    if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  peer.close();
});

test("forged acknowledgements of deliveries that nobody made", async () => {
  const peer = await openPeer("vendor");
  for (const forged of ["3/vendor,0[]", "3/vendor,1[{}]", "3/vendor,999999[null]", '61-/vendor,5[{"_placeholder":true,"num":0}]'])
    peer.send(forged);
  peer.sendBytes(new Uint8Array(3));
  expect(await ask(peer, "/vendor", 1, "no such name")).toMatchObject({ outcome: "refused" });
  peer.close();
});

test("wrong tokens, and tokens in the wrong place", async () => {
  const good = attacked.token("vendor");
  const [head = "", payload = "", signature = ""] = good.split(".");
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  const bad = ["", "x", good.slice(0, -2), `${none}.${payload}.`, `${head}.${payload}.${"A".repeat(signature.length)}`, "x".repeat(50_000)];
  for (const token of [...bad, null, 7, {}, [good]]) {
    const peer = await openRawPeer(attacked.url);
    expect(await connectTo(peer, "/vendor", { token })).toMatchObject({ data: { code: "UNAUTHORIZED", retry: "never" } });
    peer.close();
  }
  const megabyte = await openRawPeer(attacked.url);
  megabyte.send(`0/vendor,${JSON.stringify({ token: "x".repeat(1_000_000) })}`);
  expect(await megabyte.closed).toBe(1009);
  const wrongRole = await openRawPeer(attacked.url);
  expect(await connectTo(wrongRole, "/admin", { token: good })).toMatchObject({ data: { code: "FORBIDDEN" } });
  wrongRole.close();
});

test("a client of a version of the wire that the hub does not speak", async () => {
  const peer = await openRawPeer(attacked.url);
  const answer = await connectTo(peer, "/vendor", { token: attacked.token("vendor"), protocol: PROTOCOL_VERSION + 1 });
  expect(answer).toMatchObject({
    message: expect.stringContaining(`version ${PROTOCOL_VERSION + 1}`),
    data: { code: "UNSUPPORTED_PROTOCOL" },
  });
  peer.close();
});

test("pages of strangers are refused on both transports, and messages are not compressed", async () => {
  await expect(openRawPeer(attacked.url, { origin: "https://evil.example" })).rejects.toThrow("refused");
  const polling = await fetch(`${attacked.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: "https://evil.example" } });
  expect(polling.status).toBe(403);
  const socket = new WebSocket(`${attacked.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  expect(socket.extensions).toBe("");
  socket.close();
});

test("sessions that are opened by polling and never polled: the hub refuses beyond its cap", async () => {
  const opened = await Promise.all(
    Array.from({ length: limits.unauthenticatedPerAddressMax + 20 }, () =>
      openRawPolling(attacked.url).then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(opened.filter(Boolean).length).toBeLessThanOrEqual(limits.unauthenticatedPerAddressMax);
  expect(opened).toContain(false);
  const metrics = await (await fetch(`${attacked.url}/metrics`)).text();
  expect(metrics).toMatch(/^waybill_requests_refused_total\{code="BUSY"\} \d+$/m);
});
