/** One position goes to every socket of a store's room. The next is sent when all have the one before. */
import { monotonicUs } from "../measure/latencies.ts";
import { spreadOf } from "../measure/medians.ts";
import { noAccount, type Workload } from "../workload.ts";
import { sideBySide } from "./side-by-side.ts";
import { withCrowd } from "./with-crowd.ts";

const WARM = 5;
const ROUNDS = 20;

export const fanout: Workload = {
  name: "fanout",
  summary: "One position to so many sockets of a room: when the last of them has it, and what that costs the server.",
  defaults: { events: 5_000, stores: 1 },
  fits: ({ startCrowd }) => startCrowd !== undefined,
  measures: {
    lastMs: { label: "last one after, ms", digits: 1 },
    perSecond: { label: "deliveries/s", digits: 0 },
    serverUs: { label: "server µs/delivery", digits: 2 },
  },
  run: sideBySide((peer, setting) =>
    withCrowd(peer, setting, {
      storeOf: () => 0,
      async measure({ server, crowd }) {
        const send = await server.courier();
        const round = async (): Promise<number> => {
          const sinceUs = monotonicUs();
          send();
          return (await crowd.positions(setting.events)) - sinceUs;
        };
        for (let warm = 0; warm < WARM; warm++) await round();
        const before = await server.cpuUs();
        const tookUs: number[] = [];
        for (let rounds = 0; rounds < ROUNDS; rounds++) tookUs.push(await round());
        const cpuUs = (await server.cpuUs()) - before;
        const { median } = spreadOf(tookUs);
        const values = { lastMs: median / 1_000, perSecond: (setting.events / median) * 1e6, serverUs: cpuUs / (ROUNDS * setting.events) };
        return { values, account: { ...noAccount, handled: ROUNDS * setting.events }, faults: [] };
      },
    }),
  ),
};
