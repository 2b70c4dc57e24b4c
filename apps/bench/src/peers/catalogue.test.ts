import { expect, test } from "vitest";
import { choosePeers, peerNames } from "./catalogue.ts";
import { loadClient } from "./clients.ts";
import { findProgram, missingProgram } from "./programs.ts";

const namesOf = async (...names: string[]) => (await choosePeers(names)).peers.map(({ name }) => name);

test("Waybill is measured in each of its ways, unless one is named; others when they are asked for", async () => {
  expect(await namesOf()).toEqual(["waybill", "waybill-file", "waybill-plain"]);
  expect(await namesOf("socketio")).toEqual(["waybill", "waybill-file", "waybill-plain", "socketio"]);
  expect(await namesOf("socketio", "waybill")).toEqual(["waybill", "socketio"]);
});

test("with all, each peer is measured, or named as missing", async () => {
  const { peers, missing } = await choosePeers(["all"]);
  expect(peers.length + missing.length).toBe(peerNames.length);
  for (const line of missing) expect(line).toMatch(/ was not measured: .+ is not installed: apt-get install /);
});

test("a program that is not there is told with how to get it", async () => {
  expect(findProgram("no-such-broker")).toBeNull();
  expect(await missingProgram("no-such-broker", "broker")()).toBe("no-such-broker is not installed: apt-get install broker");
  expect(await missingProgram("sh", "dash")()).toBeNull();
});

test("a client that there is not is refused by its name", async () => {
  await expect(loadClient({ client: "pigeon", at: {} })).rejects.toThrow("no client pigeon");
});
