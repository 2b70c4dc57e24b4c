/** One position goes to every socket of a store's room; the next when all have it. A position may be lost, where a socket is not ready to take it. */
import { monotonicUs } from "../measure/latencies.ts";
import { spreadOf } from "../measure/medians.ts";
import { noAccount, type Workload } from "../workload.ts";
import { sideBySide } from "./side-by-side.ts";
import { withCrowd } from "./with-crowd.ts";

/** A server that has just started compiles and collects in its first rounds; a room that is spoken to all day is what is compared. */
const WARM = 20;
const ROUNDS = 100;

export const fanout: Workload = {
  name: "fanout",
  summary: "One position to so many sockets of a room: when the last of them has it, and what that costs the server.",
  defaults: { events: 5_000, stores: 1 },
  fits: ({ startCrowd }) => startCrowd !== undefined,
  measures: {
    lastMs: { label: "last one after, ms", digits: 1 },
    perSecond: { label: "deliveries/s", digits: 0 },
    serverUs: { label: "server µs/delivery", digits: 2 },
    lost: { label: "lost, of all rounds", digits: 0 },
  },
  run: sideBySide((peer, setting) =>
    withCrowd(peer, setting, {
      storeOf: () => 0,
      async measure({ server, crowd }) {
        const send = await server.courier();
        const round = async (): Promise<{ tookUs: number; count: number }> => {
          const sinceUs = monotonicUs();
          send();
          const { atUs, count } = await crowd.positions(setting.events);
          return { tookUs: atUs - sinceUs, count };
        };
        for (let warm = 0; warm < WARM; warm++) await round();
        const before = await server.cpuUs();
        const rounds: Awaited<ReturnType<typeof round>>[] = [];
        for (let left = ROUNDS; left > 0; left--) rounds.push(await round());
        const cpuUs = (await server.cpuUs()) - before;
        const { median } = spreadOf(rounds.map(({ tookUs }) => tookUs));
        const heard = rounds.reduce((sum, { count }) => sum + count, 0);
        const values = {
          lastMs: median / 1_000,
          perSecond: (setting.events / median) * 1e6,
          serverUs: cpuUs / heard,
          lost: ROUNDS * setting.events - heard,
        };
        return { values, account: { ...noAccount, handled: heard }, faults: [] };
      },
    }),
  ),
};
