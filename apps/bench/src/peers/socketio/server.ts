import { fileURLToPath } from "node:url";
import { profiling } from "../../crew/bench-hub.ts";
import { noFaults, nothingMissing, type Peer } from "../peer.ts";
import { measuresOf } from "../programs.ts";

const relayScript = fileURLToPath(new URL("./relay.ts", import.meta.url));

const relayPeer = (name: string, how: string, client: "socketio-frames" | "socketio-packets"): Peer => ({
  name,
  how,
  durable: "nowhere",
  share: 1,
  keeps: false,
  needsClients: false,
  missing: nothingMissing,
  async start({ supervisor, profile }) {
    const program = supervisor.start({ name: "relay", script: relayScript, nodeArgs: profiling(profile) });
    const ready = await program.awaitLine(({ msg }) => msg === "ready", { timeoutMs: 60_000 });
    return {
      access: { client, at: { url: String(ready.url) } },
      ...measuresOf(program),
      faults: noFaults,
      [Symbol.asyncDispose]: async () => void (await program.stop()),
    };
  },
});

export const socketio = relayPeer("socketio", "frames of bytes, nothing promised", "socketio-frames");
export const socketioAck = relayPeer("socketio-ack", "a packet per event, confirm and ack", "socketio-packets");
