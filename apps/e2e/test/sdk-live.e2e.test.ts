/** What is live between clients of the SDK, bare sockets and an operator, on one hub. */
import { createAdmin, createDriver, createVendor, type Driver, type Person, type Vendor } from "@waybill/client";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Company, openCompany } from "../src/company.ts";

let company: Company;
beforeAll(async () => {
  company = await openCompany();
});
afterEach(() => company.dismiss());
afterAll(() => company[Symbol.asyncDispose]());

const vendorOf = (store: string, sub: string): Vendor =>
  createVendor({ url: company.hub.url, token: company.hub.running.token({ role: "vendor", stores: [store], sub }) });
const driverOf = (driver: string): Driver =>
  createDriver({ url: company.hub.url, token: company.hub.running.token({ role: "driver", driver, sub: driver }) });
const operator = () => createAdmin({ url: company.hub.url, token: company.hub.running.token({ role: "admin", sub: "ada" }) });
/** What a client is told next under this name. */
const next = (client: Vendor | Driver, name: "presence" | "typing" | "word" | "notice"): Promise<object> =>
  new Promise((resolve) => {
    const stop = client.listen(name, (body: object) => {
      stop();
      resolve(body);
    });
  });

test("a bare socket hears what the SDK types and says; the SDK hears a bare socket", async () => {
  await using ana = vendorOf("sl-talk", "ana");
  await ana.ready();
  const came = next(ana, "presence");
  const ben = await company.vendor("sl-talk", { subject: "ben" });
  const benHere = { role: "vendor", id: "sl-talk", subject: "ben", socket: ben.socket.id, online: true };
  expect(await came).toMatchObject({ ...benHere, sockets: 1 });

  const { people, more } = await ana.who({ store: "sl-talk" });
  expect({ people, more }).toMatchObject({ people: [{ subject: "ana", online: true }, benHere], more: false });
  const me = people[0]?.socket ?? "";

  ana.typing({ parcel: "p1", typing: true });
  expect(await ben.next("typing")).toMatchObject({ subject: "ana", socket: me, store: "sl-talk", parcel: "p1", typing: true });
  expect(await ana.word({ to: ben.socket.id ?? "", text: "which door?" })).toBe("heard");
  expect(await ben.next("word")).toMatchObject({ subject: "ana", socket: me, text: "which door?" });

  const [typed, said] = [next(ana, "typing"), next(ana, "word")];
  ben.socket.emit("typing", { parcel: "p1", typing: false });
  expect(await typed).toMatchObject({ subject: "ben", parcel: "p1", typing: false });
  expect(await ben.request("word", { to: me, text: "the left one" })).toEqual({ outcome: "heard" });
  expect(await said).toMatchObject({ subject: "ben", text: "the left one" });

  const went = next(ana, "presence");
  ben.close();
  expect(await went).toMatchObject({ subject: "ben", online: false, sockets: 0 });
});

test("what the hub refuses is thrown, and of `typing` told to `error`", async () => {
  await using stranger = driverOf("sl-stan");
  await expect(stranger.who({ parcel: "not-mine" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await using ana = vendorOf("sl-refused", "ana");
  await expect(ana.who({ store: "sl-other" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(ana.word({ to: "nobody", text: "hello" })).rejects.toMatchObject({ code: "NOT_HERE", retry: "never" });
  const told = new Promise((resolve) => stranger.listen("error", resolve));
  stranger.typing({ parcel: "not-mine", typing: true });
  expect(await told).toMatchObject({ code: "FORBIDDEN" });
});

test("an operator's roll call counts clients of the SDK, its notice reaches them, and its list shows them", async () => {
  await using ana = vendorOf("sl-roll", "ana");
  await using dana = driverOf("sl-dana");
  await Promise.all([ana.ready(), dana.ready()]);
  await using ada = await operator();
  const all = { drivers: {}, vendors: { stores: ["sl-roll"] } };
  expect(await ada.rollCall({ text: "All well?", ...all })).toEqual({ asked: 2, answered: 2, answers: ["online", "online"] });

  const told = [next(ana, "notice"), next(dana, "notice")];
  expect(await ada.notice({ text: "Snow until noon.", ...all })).toBe(2);
  for (const notice of await Promise.all(told)) expect(notice).toMatchObject({ text: "Snow until noon.", by: "ada" });
  await expect(ada.notice({ text: "Nobody." })).rejects.toMatchObject({ code: "INVALID_MESSAGE" });

  const drivers: Person[] = [];
  for await (const person of ada.people("driver")) drivers.push(person);
  expect(drivers).toContainEqual(expect.objectContaining({ id: "sl-dana", subject: "sl-dana", online: true }));
});
