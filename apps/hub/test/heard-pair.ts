import { openWatchedPair } from "./watched-pair.ts";

/**
 * Both ends of a connection. The client writes down what it hears until it hears `end`; `handedOver`: how many packets the transport was given,
 * each time.
 */
export async function openHeardPair(transport: "websocket" | "polling" = "websocket") {
  const { socket, client } = await openWatchedPair(transport, "/vendor");
  const heard: unknown[] = [];
  const end = new Promise<void>((resolve) => {
    client.onAny((name, ...args) => (name === "end" ? resolve() : heard.push(args.length > 0 ? [name, ...args] : name)));
  });
  const handedOver: number[] = [];
  const { transport: below } = socket.conn;
  const { send } = below;
  below.send = (packets) => {
    handedOver.push(packets.length);
    send.call(below, packets);
  };
  return { socket, heard, end, handedOver };
}
