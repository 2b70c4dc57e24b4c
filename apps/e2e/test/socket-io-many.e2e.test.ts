/** The cheat sheet's lines of one that speaks to many: typing, a word in private, notices and roll calls. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { line } from "../src/cheat-sheet.ts";
import { type Company, openCompany } from "../src/company.ts";
import { openPeer } from "../src/peer.ts";

let company: Company;
beforeAll(async () => {
  company = await openCompany();
});
afterEach(() => company.dismiss());
afterAll(() => company[Symbol.asyncDispose]());

test(line("broadcast"), async () => {
  const [ana, ben] = [await company.vendor("m-typing", { subject: "ana" }), await company.vendor("m-typing", { subject: "ben" })];
  const [holder, stranger] = [await company.driver("hal"), await company.driver("stan")];
  await company.give(ana, holder, { store: "m-typing", parcel: "t1" });
  ana.socket.emit("typing", { parcel: "t1", typing: true });
  const told = { role: "vendor", id: "m-typing", subject: "ana", socket: ana.socket.id, store: "m-typing", parcel: "t1", typing: true };
  for (const peer of [ben, holder]) expect(await peer.next("typing")).toEqual(told);
  // The holder answers; who does not hold the parcel is refused, and told nothing.
  stranger.socket.emit("typing", { parcel: "t1", typing: true });
  expect(await stranger.next("refused")).toMatchObject({ error: { code: "FORBIDDEN" }, closing: false });
  holder.socket.emit("typing", { parcel: "t1", typing: true });
  for (const peer of [ana, ben]) expect(await peer.next("typing")).toMatchObject({ role: "driver", id: "hal", parcel: "t1" });
  for (const peer of [ana, holder, stranger]) await peer.fence();
  expect([ana, holder, stranger].map((peer) => peer.heard("typing").length)).toEqual([1, 1, 0]);
});

test(line("several"), async () => {
  const [north, both, south] = [
    await company.driverIn("n1", ["sv-north"]),
    await company.driverIn("b1", ["sv-north", "sv-east"]),
    await company.driverIn("s1", ["sv-south"]),
  ];
  const operator = await company.operator();
  const notice = { text: "Snow until noon.", drivers: { zones: ["sv-north", "sv-east"] } };
  expect(await operator.request("notice:send", notice)).toEqual({ outcome: "told", sockets: 2 });
  for (const peer of [north, both]) expect(await peer.next("notice")).toMatchObject({ text: "Snow until noon.", by: "operator" });
  for (const peer of [both, south]) await peer.fence();
  expect([both, south].map((peer) => peer.heard("notice").length)).toEqual([1, 0]);
});

test(line("except"), async () => {
  const [north, both] = [await company.driverIn("n2", ["ex-north"]), await company.driverIn("b2", ["ex-north", "ex-port"])];
  const [open, closed] = [await company.vendor("ex-open"), await company.vendor("ex-closed")];
  const operator = await company.operator();
  const notice = { text: "The bridge is shut.", drivers: { zones: ["ex-north"], except: ["ex-port"] }, vendors: { except: ["ex-closed"] } };
  expect(await operator.request("notice:send", notice)).toEqual({ outcome: "told", sockets: 2 });
  for (const peer of [north, open]) await peer.next("notice");
  for (const peer of [both, closed]) await peer.fence();
  expect([both, closed].flatMap((peer) => peer.heard("notice"))).toEqual([]);
});

test(line("socket-id"), async () => {
  const [ana, ben, cy] = [
    await company.vendor("m-word", { subject: "ana" }),
    await company.vendor("m-word", { subject: "ben" }),
    await company.vendor("m-word", { subject: "cy" }),
  ];
  const [rival, holder] = [await company.vendor("m-rival"), await company.driver("wanda")];
  await company.give(ana, holder, { store: "m-word", parcel: "w1" });
  expect(await ana.request("word", { to: ben.socket.id, text: "psst" })).toEqual({ outcome: "heard" });
  expect(await ben.next("word")).toMatchObject({ subject: "ana", socket: ana.socket.id, text: "psst" });
  // A driver and the store of the parcel that it holds, both ways; nobody else, whatever ids it knows.
  expect(await holder.request("word", { to: cy.socket.id, parcel: "w1", text: "which door?" })).toEqual({ outcome: "heard" });
  expect(await cy.next("word")).toMatchObject({ role: "driver", id: "wanda", text: "which door?" });
  expect(await cy.request("word", { to: holder.socket.id, parcel: "w1", text: "the left one" })).toEqual({ outcome: "heard" });
  expect(await rival.request("word", { to: ana.socket.id, text: "spam" })).toMatchObject({ error: { code: "NOT_HERE", retry: "never" } });
  expect(await ana.request("word", { to: holder.socket.id, text: "spam" })).toMatchObject({ error: { code: "NOT_HERE" } });
  expect(await rival.request("word", { to: ana.socket.id, store: "m-word", text: "spam" })).toMatchObject({ error: { code: "FORBIDDEN" } });
  for (const peer of [ana, cy, holder]) await peer.fence();
  expect([ana, ben, cy, holder].map((peer) => peer.heard("word").length)).toEqual([0, 1, 1, 1]);
});

test(line("acks-of-many"), async () => {
  const [yes, other] = [await company.driverIn("r1", ["rc-north"]), await company.driverIn("r2", ["rc-south"])];
  const silent = await company.driverIn("r3", ["rc-north"]);
  for (const { socket } of [yes, silent]) socket.offAny();
  yes.socket.on("roll-call", (_call, answer) => answer("here, by the mill"));
  const asked = new Promise((resolve) => silent.socket.once("roll-call", resolve));
  const operator = await company.operator();
  const call = operator.request("roll:call", { text: "All well?", drivers: { zones: ["rc-north"] }, waitMs: 2_000 });
  expect(await asked).toMatchObject({ text: "All well?", by: "operator" });
  expect(await call).toEqual({ outcome: "answered", asked: 2, answered: 1, answers: ["here, by the mill"] });
  await other.fence();
  expect(other.heard("roll-call")).toEqual([]);
});

test(line("local"), async () => {
  await using another = await openCompany();
  const [mine, theirs] = [await company.driver("lo1"), await another.driver("lo1")];
  const operator = await company.operator();
  const { sockets } = await operator.request("notice:send", { text: "Restarting in 5 minutes.", drivers: {}, thisNode: true });
  expect(sockets).toBe(1);
  expect(await mine.next("notice")).toMatchObject({ text: "Restarting in 5 minutes." });
  await theirs.fence();
  expect(theirs.heard("notice")).toEqual([]);
});

test(line("io-emit"), async () => {
  const [driver, vendor, rival] = [
    await company.driver("all1"),
    await company.vendor("all1"),
    await company.driver("all1", { tenant: "rival" }),
  ];
  await expect(openPeer(company.hub.url, "/", company.hub.token({ role: "admin" }))).rejects.toMatchObject({ data: { code: "FORBIDDEN" } });
  const operator = await company.operator();
  expect(await operator.request("notice:send", { text: "Good morning.", drivers: {}, vendors: {} })).toEqual({
    outcome: "told",
    sockets: 2,
  });
  for (const peer of [driver, vendor]) expect(await peer.next("notice")).toMatchObject({ text: "Good morning." });
  await rival.fence();
  expect(rival.heard("notice")).toEqual([]);
  expect(await operator.request("notice:send", { text: "Nobody." })).toMatchObject({
    outcome: "refused",
    error: { code: "INVALID_MESSAGE" },
  });
});

test(line("leave"), async () => {
  const [driver, other] = [await company.driver("le1"), await company.driverIn("le2", ["le-north"])];
  const { sub } = await driver.request("subscribe", { queue: "zone/le-north" });
  const operator = await company.operator();
  const notify = (text: string) => operator.request("notice:send", { text, drivers: { zones: ["le-north"] } });
  expect(await notify("one")).toMatchObject({ sockets: 2 });
  await driver.next("notice");
  await driver.request("unsubscribe", { sub });
  expect(await notify("two")).toMatchObject({ sockets: 1 });
  for (const text of ["one", "two"]) expect(await other.next("notice")).toMatchObject({ text });
  await driver.fence();
  expect(driver.heard("notice")).toHaveLength(1);
});
