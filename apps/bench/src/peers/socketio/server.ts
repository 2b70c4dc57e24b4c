import { noFaults, nothingMissing, type Peer } from "../peer.ts";
import { startRelayForCrowd } from "./crowd.ts";
import { startRelay } from "./start-relay.ts";

const relayPeer = (name: string, how: string, client: "socketio-frames" | "socketio-packets"): Peer => ({
  name,
  how,
  durable: "nowhere",
  share: 1,
  keeps: false,
  needsClients: false,
  missing: nothingMissing,
  async start(options) {
    const { url, ...relay } = await startRelay(options);
    return { ...relay, access: { client, at: { url } }, faults: noFaults };
  },
});

export const socketio: Peer = {
  ...relayPeer("socketio", "frames of bytes, nothing promised", "socketio-frames"),
  startCrowd: startRelayForCrowd,
};
export const socketioAck = relayPeer("socketio-ack", "a packet per event, confirm and ack", "socketio-packets");
