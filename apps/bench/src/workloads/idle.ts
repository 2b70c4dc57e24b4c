/** A great many stores' sockets, each subscribed to a queue of its own, and nothing to do. */
import { noAccount, type Workload } from "../workload.ts";
import { sideBySide } from "./side-by-side.ts";
import { withCrowd } from "./with-crowd.ts";

const KB_PER_MB = 1_024;

export const idle: Workload = {
  name: "idle",
  summary: "Memory of the server for each of so many connected vendors that have nothing to do.",
  defaults: { events: 5_000, stores: 1 },
  fits: ({ startCrowd }) => startCrowd !== undefined,
  measures: {
    clientKb: { label: "KB/client", digits: 1 },
    memoryMb: { label: "server MB", digits: 0 },
    beforeMb: { label: "without clients, MB", digits: 0 },
  },
  run: sideBySide((peer, setting) =>
    withCrowd(peer, setting, {
      storeOf: (member) => member,
      async measure({ server, beforeMb }) {
        const memoryMb = await server.memoryMb();
        const values = { clientKb: ((memoryMb - beforeMb) * KB_PER_MB) / setting.events, memoryMb, beforeMb };
        return { values, account: noAccount, faults: [] };
      },
    }),
  ),
};
