import { expect, test } from "vitest";
import { openEdgeRig } from "../../test/edge-rig.ts";
import { connectTo, nested, openRawPeer } from "../../test/raw-peer.ts";
import { GuardedDecoder, isNestedDeeper } from "./guarded-parser.ts";

const decode = (packet: string | Uint8Array) => new GuardedDecoder().add(packet);

test.each([
  ["flat", '["a",{"b":1}]', 2, false],
  ["one too deep", '["a",{"b":[]}]', 2, true],
  ["brackets inside of a string do not count", '["[[[[[[{{{{"]', 1, false],
  ["an escaped quote does not end a string", '["\\"[[[["]', 1, false],
  ["an escaped backslash does not hide the quote after it", '["\\\\",[[]]]', 2, true],
  ["siblings do not add up", "[[],[],[],[]]", 2, false],
])("%s", (_name, text, depthMax, isDeeper) => {
  expect(isNestedDeeper(text, 0, depthMax)).toBe(isDeeper);
});

test("32 levels pass, 33, 5,000 and 450,000 do not", () => {
  const packet = (levels: number) => `2/vendor,["delivered",${nested(levels - 1)}]`;
  expect(() => decode(packet(32))).not.toThrow();
  for (const levels of [33, 5_000, 450_000]) expect(() => decode(packet(levels))).toThrow("nests deeper than 32");
});

test("a quote or a bracket in the namespace hides nothing", () => {
  for (const namespace of ['/a"', '/a["', '/a{"']) expect(() => decode(`0${namespace},${nested(40)}`)).toThrow("nests deeper");
});

test("one attachment passes, two do not", () => {
  expect(() => decode('51-["publish",{"_placeholder":true,"num":0}]')).not.toThrow();
  expect(() => decode('52-["publish",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')).toThrow("too many attachments");
});

test("while the bytes of a packet are awaited, no text is heard", () => {
  const decoder = new GuardedDecoder();
  const heard: unknown[] = [];
  decoder.on("decoded", ({ data }) => void heard.push(data?.[0]));
  decoder.add('51-/vendor,["publish",{"_placeholder":true,"num":0}]');
  expect(() => decoder.add('2/vendor,["delivered",{}]')).toThrow("plaintext");
  decoder.add(new Uint8Array([1]));
  decoder.add('2/vendor,["delivered",{}]');
  expect(heard).toEqual(["publish", "delivered"]);
});

test("as many brackets as there may be levels cost nobody a connection when they are siblings", () => {
  expect(() => decode(`2/vendor,["delivered",[${"[],".repeat(100)}[]]]`)).not.toThrow();
});

test("five namespaces that do not exist may be asked for, and 2,048 CONNECTs made", () => {
  const decoder = new GuardedDecoder();
  for (let index = 0; index < 5; index += 1) decoder.add(`0/guess-${index},`);
  expect(() => decoder.add("0/guess-5,")).toThrow("do not exist");
  const other = new GuardedDecoder();
  for (let index = 0; index < 2_048; index += 1) other.add("0/vendor,");
  expect(() => other.add("0/vendor,")).toThrow("2048 times");
});

test("a packet that nests too deep closes its connection, which is told why; one beside it does not notice", async () => {
  await using rig = await openEdgeRig();
  const [evil, honest] = await Promise.all([openRawPeer(rig.url), openRawPeer(rig.url)]);
  const token = await rig.token("vendor");
  for (const peer of [evil, honest]) expect(await connectTo(peer, "/vendor", { token })).toHaveProperty("sid");
  evil.send(`2/vendor,1["take",${nested(5_000)}]`);
  expect(await evil.packet('2/vendor,["refused"')).toContain("nests deeper");
  await evil.closed;
  expect(honest.isOpen).toBe(true);
  expect(rig.reported.warnings.join()).toContain("nests deeper");
  honest.close();
});
