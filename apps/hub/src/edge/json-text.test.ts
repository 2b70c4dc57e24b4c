import { Encoder, type Packet, PacketType } from "socket.io-parser";
import { expect, test } from "vitest";
import { JsonText, JsonTextEncoder } from "./json-text.ts";

const event = (argument: unknown, rest: Partial<Packet> = {}): Packet => ({
  type: PacketType.EVENT,
  nsp: "/vendor",
  data: ["in-transit", argument],
  ...rest,
});
const value = { id: "a", note: 'a "quote", a line\nfeed, ünd 📦', data: { list: [1, null, { deep: true }] } };
const text = new JsonText(JSON.stringify(value));

test.each<[string, Partial<Packet>]>([
  ["with an acknowledgement", { id: 12 }],
  ["with the first one", { id: 0 }],
  ["without", {}],
  ["on the root namespace", { nsp: "/", id: 3 }],
])("a text is written as Socket.IO writes its value: %s", (_, rest) => {
  expect(new JsonTextEncoder().encode(event(text, rest))).toEqual(new Encoder().encode(event(value, rest)));
});

test("the text goes out as it is", () => {
  expect(new JsonTextEncoder().encode(event(new JsonText('{ "n": 1.0 }')))).toEqual(['2/vendor,["in-transit",{ "n": 1.0 }]']);
});

test("an encoder that does not know it writes its value", () => {
  expect(new Encoder().encode(event(text))).toEqual(new Encoder().encode(event(value)));
});

test.each<[string, Packet]>([
  ["an event without a text", event(value)],
  ["an event of bytes", event(new Uint8Array([1, 2]))],
  ["a text among other arguments", event(0, { data: ["in-transit", text, 1] })],
  ["an acknowledgement", { type: PacketType.ACK, nsp: "/vendor", id: 4, data: [value] }],
  ["a CONNECT", { type: PacketType.CONNECT, nsp: "/vendor", data: { sid: "s" } }],
  ["a CONNECT_ERROR", { type: PacketType.CONNECT_ERROR, nsp: "/vendor", data: { message: "no" } }],
  ["a DISCONNECT", { type: PacketType.DISCONNECT, nsp: "/vendor", data: undefined }],
])("all else is Socket.IO's own: %s", (_, packet) => {
  expect(new JsonTextEncoder().encode({ ...packet })).toEqual(new Encoder().encode({ ...packet }));
});
