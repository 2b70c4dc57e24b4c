import { expect, test } from "vitest";
import { openWatchedPair } from "../../test/watched-pair.ts";
import { joinTexts, type OutgoingPacket } from "./one-buffer.ts";

/** What a client receives of what is sent to it in one turn, and how many packets the transport was given for that. */
async function received(sent: readonly unknown[], transport: "websocket" | "polling") {
  const { socket, client } = await openWatchedPair(transport);
  const { conn } = socket;
  const handedOver: number[] = [];
  const { send } = conn.transport;
  conn.transport.send = (packets) => {
    handedOver.push(packets.length);
    send.call(conn.transport, packets);
  };
  const heard: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    client.on("say", (what: unknown) => {
      heard.push(what);
      if (heard.length === sent.length) resolve();
    });
  });
  if (transport === "websocket") conn.transport.writable = false; // As while the packets before are on their way.
  for (const what of sent) socket.emit("say", what);
  if (transport === "websocket") {
    conn.transport.writable = true;
    conn.transport.emit("ready");
  }
  await all;
  return { heard, handedOver };
}

// With what Socket.IO puts around them they pass over both lengths at which a frame's head changes.
const around = (length: number) => Array.from({ length: 30 }, (_, more) => "x".repeat(length - 25 + more));
const texts = [...around(125), "ünd 📦 €", "\ud800 alone", "", "é".repeat(70)];

test("texts of one turn are one packet for the transport, and their reader gets each as it was sent, in order", async () => {
  const { heard, handedOver } = await received(texts, "websocket");
  expect(heard).toEqual(texts);
  expect(handedOver).toEqual([1]);
});

/** So many bytes in UTF-8, with what Socket.IO puts around it. */
const ofBytes = (bytes: number) => "x".repeat(bytes - `42["say",""]`.length);

test("up to the longest that has a head of this form; with a longer one all go as they are, whole and in order", async () => {
  const longest = [ofBytes(65_535), "after"];
  expect(await received(longest, "websocket")).toEqual({ heard: longest, handedOver: [1] });
  const longer = [ofBytes(65_536), "after"];
  expect(await received(longer, "websocket")).toEqual({ heard: longer, handedOver: [2] });
});

test.each<[string, readonly unknown[], "websocket" | "polling"]>([
  [
    "bytes among them",
    ["a", new Uint8Array([1, 2]), "b"].map((what) => (typeof what === "string" ? what : Buffer.from(what))),
    "websocket",
  ],
  ["one text", ["a"], "websocket"],
  ["polling", ["a", "b", "ü"], "polling"],
])("all arrives whole and in order: %s", async (_, sent, transport) => {
  const { heard } = await received(sent, transport);
  expect(heard).toEqual(sent);
});

test.each<[string, Record<string, unknown>]>([
  ["polls", { name: "polling" }],
  ["compresses", { perMessageDeflate: {} }],
  ["is closing", { socket: { readyState: 2, _sender: { sendFrame: () => {} } } }],
  ["cannot be given frames", { socket: { readyState: 1 } }],
])("a transport that %s gets its packets as they are", (_, transport) => {
  const open = { name: "websocket", perMessageDeflate: false, socket: { readyState: 1, _sender: { sendFrame: () => {} } } };
  const packets = (): OutgoingPacket[] => [
    { type: "message", data: "a" },
    { type: "message", data: "b" },
  ];
  const [joined, left] = [packets(), packets()];
  joinTexts({ transport: open } as never, joined);
  expect(joined).toHaveLength(1);
  joinTexts({ transport: { ...open, ...transport } } as never, left);
  expect(left).toEqual(packets());
});
