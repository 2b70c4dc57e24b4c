/** What is live, as the SDK says and hears it; apps/e2e/test/sdk-live.e2e.test.ts lets a hub take part. */
import { HubError, type WordNotice } from "@waybill/events";
import type { Socket } from "socket.io";
import { expect, test } from "vitest";
import type { FakeHub } from "./fake-hub.ts";
import { newDriver, newVendor, once, startHub } from "./setup.ts";

const at = "2026-02-14T09:30:00.000Z";
const speaker = { role: "vendor", id: "acme", subject: "ana", socket: "s1" } as const;
const presence = { ...speaker, online: true, sockets: 1, at };
const word: WordNotice = { ...speaker, text: "which door?", at };

/** The hub's end of the only connection. */
function end(hub: FakeHub): Socket {
  const [socket] = hub.sockets;
  if (socket === undefined) throw new Error("Nobody is connected.");
  return socket;
}

/** What the hub said before has been heard when this is answered. */
const fence = (hub: FakeHub): Promise<unknown> => ask(hub, "roll-call", { text: "?", by: "ada", at });
const ask = (hub: FakeHub, name: string, body: object): Promise<unknown> => end(hub).timeout(10_000).emitWithAck(name, body);

test("what others say is told, without fields that this version does not know", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const told: object[] = [];
  vendor.listen("presence", (body) => told.push(body));
  vendor.listen("typing", (body) => told.push(body));
  vendor.listen("notice", (body) => told.push(body));
  await vendor.ready();
  const typing = { ...speaker, store: "acme", parcel: "p1", typing: true };
  const notice = { text: "Snow until noon.", by: "ada", at };
  end(hub).emit("presence", { ...presence, mood: "new" });
  end(hub).emit("typing", { ...typing, mood: "new" });
  end(hub).emit("notice", { ...notice, mood: "new" });
  await fence(hub);
  expect(told).toEqual([presence, typing, notice]);
});

test("a word is acknowledged where somebody listens, and not where nobody does", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  await driver.ready();
  let answers = 0;
  end(hub).emit("word", word, () => {
    answers += 1;
  });
  await fence(hub);
  expect(answers).toBe(0);
  const heard = once<WordNotice>();
  const stop = driver.listen("word", (said) => {
    stop(); // It was told all the same.
    heard.resolve(said);
  });
  await ask(hub, "word", word);
  expect(await heard.promise).toEqual(word);
});

test("a roll call is answered without the program's doing, over each connection", async () => {
  const hub = await startHub();
  const driver = newDriver(hub);
  await driver.ready();
  expect(await fence(hub)).toBe("online");
  end(hub).disconnect(true);
  await hub.until(() => hub.connections === 2);
  expect(await fence(hub)).toBe("online");
});

test("what breaks the contract is told to `error`, to no listener, and is not acknowledged", async () => {
  const hub = await startHub();
  const vendor = newVendor(hub);
  const [errors, told]: [Error[], object[]] = [[], []];
  vendor.listen("error", (error) => errors.push(error));
  for (const name of ["presence", "typing", "word", "notice"] as const) vendor.listen(name, (body) => told.push(body));
  await vendor.ready();
  let answers = 0;
  const acknowledged = (): void => {
    answers += 1;
  };
  const { subject: _, ...nameless } = presence;
  for (const [name, body] of [
    ["presence", nameless],
    ["typing", 17],
    ["notice", null],
  ] as const)
    end(hub).emit(name, body);
  for (const name of ["word", "roll-call"]) end(hub).emit(name, { text: 1 }, acknowledged);
  await fence(hub);
  expect(errors.map((error) => (error instanceof HubError ? [error.code, error.message] : error))).toEqual(
    ["presence", "typing", "notice", "word", "roll-call"].map((name) => [
      "INVALID_MESSAGE",
      `The hub sent a \`${name}\` that breaks the contract.`,
    ]),
  );
  expect({ told, answers }).toEqual({ told: [], answers: 0 });
});

test("typing is checked, sent while connected, and dropped while not; a word without a connection is refused at once", async () => {
  const hub = await startHub();
  const sent: unknown[] = [];
  hub.io.of("/driver").on("connection", (socket) => socket.on("typing", (body) => sent.push(body)));
  const driver = newDriver(hub);
  driver.typing({ parcel: "p0", typing: true });
  await expect(driver.word({ to: "s1", text: "hello", parcel: "p0" })).rejects.toMatchObject({ code: "TIMED_OUT" });
  await driver.ready();
  expect(() => driver.typing({ parcel: "", typing: true })).toThrow("breaks its schema");
  driver.typing({ parcel: "p1", typing: true });
  await driver.take("p1");
  expect(sent).toEqual([{ parcel: "p1", typing: true }]);
  await driver.close();
  await expect(driver.word({ to: "s1", text: "hello", parcel: "p0" })).rejects.toMatchObject({ code: "CLOSED" });
});

test("a hub of version 1 is asked nothing of this, and its older `presence` is no fault of its", async () => {
  const hub = await startHub();
  hub.protocol = 1;
  const vendor = newVendor(hub);
  const errors: Error[] = [];
  vendor.listen("error", (error) => errors.push(error));
  await vendor.ready();
  end(hub).emit("presence", { role: "vendor", id: "acme", online: true });
  const tooOld = { code: "UNSUPPORTED_PROTOCOL", message: expect.stringContaining("`who` came with version 2: update the hub") };
  await expect(vendor.who()).rejects.toMatchObject(tooOld);
  await expect(vendor.word({ to: "s1", text: "hello" })).rejects.toMatchObject({ code: "UNSUPPORTED_PROTOCOL" });
  expect(errors).toEqual([]);
  vendor.typing({ parcel: "p1", typing: true });
  await vendor.publish({ type: "ready", parcel: "p1", store: "acme", data: { zone: "north" } }); // Behind all of it.
  expect(errors).toMatchObject([{ code: "UNSUPPORTED_PROTOCOL" }]);
  for (const name of ["who", "word", "typing"]) expect(hub.requests).not.toContain(name);
});
