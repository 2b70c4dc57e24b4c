import { limits } from "@waybill/events";
import { expect, test } from "vitest";
import { type EdgeRig, openEdgeRig } from "../../test/edge-rig.ts";
import { ask, connectTo, openRawPeer, type RawPeer } from "../../test/raw-peer.ts";

async function openDriver(rig: EdgeRig): Promise<RawPeer> {
  const peer = await openRawPeer(rig.url);
  expect(await connectTo(peer, "/driver", { token: await rig.token("driver") })).toHaveProperty("sid");
  return peer;
}
const refusedWith = (code: string) => ({ outcome: "refused", error: expect.objectContaining({ code }) });

test("a good request reaches its handler, and its answer the peer", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  expect(await ask(peer, "/driver", 1, "take", { parcel: "p1" })).toEqual({ outcome: "taken" });
  expect(rig.handled).toEqual([{ parcel: "p1" }]);
  peer.close();
});

test("what is asked often is read from its bytes where that does, answered as text, and refused as all else is", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  expect(await ask(peer, "/driver", 1, "often", { parcel: "p1" })).toEqual({ outcome: "taken", of: "p1" });
  expect(await ask(peer, "/driver", 6, "often", { parcel: "bytes" })).toEqual({ outcome: "taken", of: "b" });
  expect(await ask(peer, "/driver", 2, "often", { parcel: "refused" })).toEqual(refusedWith("CLAIM_LOST"));
  expect(await ask(peer, "/driver", 3, "often", { parcel: "throws" })).toEqual(refusedWith("INTERNAL"));
  expect(await ask(peer, "/driver", 4, "often", { parcel: 7 })).toEqual(refusedWith("INVALID_MESSAGE"));
  expect(await ask(peer, "/driver", 5, "often", { parcel: "p1" }, 2)).toEqual(refusedWith("INVALID_MESSAGE"));
  peer.send('2/driver,["often",{"parcel":"p1"}]');
  expect(await peer.packet('2/driver,["refused"')).toContain("ACK_MISSING");
  peer.close();
});

test("without an acknowledgement nothing is done, and the peer is told", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  for (const packet of ['2/driver,["take",{"parcel":"p1"}]', '2/driver,["take"]', '2/driver,["take",1,2,3]']) peer.send(packet);
  const refused = JSON.parse((await peer.packet('2/driver,["refused"')).slice("2/driver,".length));
  expect(refused[1]).toMatchObject({ closing: false, error: { code: "ACK_MISSING", retry: "never" } });
  expect(await ask(peer, "/driver", 1, "take", { parcel: "p2" })).toEqual({ outcome: "taken" });
  expect(rig.handled).toEqual([{ parcel: "p2" }]);
  peer.close();
});

test("too many arguments, too few, and bodies that break the schema are answered with what is wrong", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  const bad = [[{ parcel: "p" }, 2], [], [null], [[]], ["p"], [{ parcel: "" }], [{ parcel: "p", more: 1 }], [{ parcel: "__proto__" }]];
  for (const [index, args] of bad.entries()) {
    expect(await ask(peer, "/driver", index, "take", ...args), JSON.stringify(args)).toEqual(refusedWith("INVALID_MESSAGE"));
  }
  peer.send('2/driver,99["take",{"__proto__":{"polluted":1},"parcel":"p"}]');
  expect(await peer.packet("3/driver,99[")).toContain('"refused"');
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  expect(await ask(peer, "/driver", 100, "take", { parcel: 7 })).toMatchObject({ error: { issues: [{ path: "parcel" }] } });
  expect(rig.handled).toEqual([]);
  peer.close();
});

test("a hub that leaves answers requests and publishes with HUB_DRAINING and does nothing; notices are heard", async () => {
  let isDraining = false;
  await using rig = await openEdgeRig({ isDraining: () => isDraining });
  const peer = await openDriver(rig);
  isDraining = true;
  expect(await ask(peer, "/driver", 1, "take", { parcel: "p1" })).toMatchObject({
    outcome: "refused",
    error: { code: "HUB_DRAINING", retry: "reconnect", message: expect.stringContaining("nothing was done") },
  });
  peer.send('2/driver,["position",{"lat":1,"lng":2}]');
  await expect.poll(() => rig.handled).toEqual([{ lat: 1, lng: 2 }]);
  peer.close();
});

test("a handler that throws is answered INTERNAL without its inside, which goes to the log", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  const answer = await ask(peer, "/driver", 1, "take", { parcel: "throws" });
  expect(answer).toEqual(refusedWith("INTERNAL"));
  expect(JSON.stringify(answer)).not.toContain("a fault of the handler");
  expect(rig.reported.faults).toEqual([new TypeError("a fault of the handler")]);
  peer.close();
});

test("a frame is bytes, and nothing else is taken for one", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  expect(await ask(peer, "/driver", 1, "publish", { a: 1 })).toEqual(refusedWith("INVALID_MESSAGE"));
  peer.send('51-/driver,2["publish",{"_placeholder":true,"num":0}]');
  peer.sendBytes(new Uint8Array(9));
  expect(await peer.packet("3/driver,2[")).toContain('"bytes":9');
  peer.close();
});

test("16 frames may wait for their answers, one more is told BUSY", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  const publish = (id: number) => {
    peer.send(`51-/driver,${id}["publish",{"_placeholder":true,"num":0}]`);
    peer.sendBytes(new Uint8Array(1));
  };
  for (let id = 1; id <= limits.publishesInFlightMax + 1; id += 1) publish(id);
  expect(await peer.packet("3/driver,")).toContain('"BUSY"');
  rig.release();
  expect(await peer.packet(`3/driver,${limits.publishesInFlightMax}[`)).toContain("confirmed");
  publish(99);
  expect(await peer.packet("3/driver,99[")).toContain("confirmed");
  peer.close();
});

test("a notice that breaks its schema comes back as `refused`; 20 of them close the connection", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  peer.send('2/driver,["position",{"lat":1,"lng":2}]');
  for (let index = 0; index < 20; index += 1) peer.send('2/driver,["position",{"lat":1000,"lng":2}]');
  await peer.closed;
  expect(rig.handled).toEqual([{ lat: 1, lng: 2 }]);
  const told = peer.packets.filter((packet) => packet.startsWith('2/driver,["refused"'));
  expect(told).toHaveLength(20);
  expect(told.map((packet) => packet.includes('"closing":true'))).toEqual([...Array(19).fill(false), true]);
});

test.each([
  ["delivered?", "UNKNOWN_TYPE"],
  ["__proto__", "UNKNOWN_TYPE"],
  ["constructor", "UNKNOWN_TYPE"],
  ["hasOwnProperty", "UNKNOWN_TYPE"],
  ["error", "RESERVED_NAME"],
  ["welcome", "RESERVED_NAME"],
  ["claimed", "FORBIDDEN"],
])("an event called %s is answered %s", async (name, code) => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  expect(await ask(peer, "/driver", 1, name, {})).toEqual(refusedWith(code));
  peer.send(`2/driver,["${name}",{}]`);
  expect(await peer.packet('2/driver,["refused"')).toContain(code);
  expect(peer.isOpen).toBe(true);
  peer.close();
});

test.each(["connect", "disconnecting", "newListener", "removeListener"])("Socket.IO's own event %s closes the connection", async (name) => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  peer.send(`2/driver,["${name}",{}]`);
  await peer.closed;
  expect(rig.io.engine.clientsCount).toBe(0);
});

test("numbers as event names are unknown names too", async () => {
  await using rig = await openEdgeRig();
  const peer = await openDriver(rig);
  peer.send("2/driver,1[5,{}]");
  expect(await peer.packet("3/driver,1[")).toContain("UNKNOWN_TYPE");
  peer.close();
});

async function flood(peer: RawPeer, packets: number): Promise<void> {
  for (let sent = 0; sent < packets && peer.isOpen; sent += 1) {
    peer.send('2/driver,1["take",{}]');
    if (sent % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

test("ten thousand packets a second are no flood", async () => {
  let nowMs = 0;
  await using rig = await openEdgeRig({ monotonicMs: () => nowMs });
  const peer = await openDriver(rig);
  await flood(peer, 20_000);
  expect(await ask(peer, "/driver", 2, "take", { parcel: "p" })).toEqual(refusedWith("BUSY"));
  nowMs = 1_000;
  await flood(peer, 9_999);
  expect(await ask(peer, "/driver", 3, "take", { parcel: "p" })).not.toEqual(refusedWith("BUSY"));
  expect(await ask(peer, "/driver", 4, "take", { parcel: "p" })).toEqual(refusedWith("BUSY"));
  peer.close();
}, 30_000);

test("who floods is told BUSY, and cut off when that does not help", async () => {
  await using rig = await openEdgeRig({ monotonicMs: () => 0 });
  const peer = await openDriver(rig);
  await flood(peer, 20_000);
  expect(await ask(peer, "/driver", 2, "take", { parcel: "p" })).toEqual(refusedWith("BUSY"));
  await flood(peer, 10_000);
  await peer.closed;
  expect(peer.packets.at(-1)).toMatch(/^2\/driver,\["refused",.*"BUSY".*"closing":true/);
}, 30_000);
