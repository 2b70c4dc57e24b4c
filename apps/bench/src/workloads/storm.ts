/** A server dies with a great many clients, and all come back at once. Where it keeps events, each has missed one meanwhile. */
import { monotonicUs } from "../measure/latencies.ts";
import { noAccount, type Workload } from "../workload.ts";
import { sideBySide } from "./side-by-side.ts";
import { withCrowd } from "./with-crowd.ts";

export const storm: Workload = {
  name: "storm",
  summary: "So many clients come back at once after the server was killed: until all are connected, subscribed, and have what they missed.",
  defaults: { events: 5_000, stores: 1 },
  fits: ({ startCrowd }) => startCrowd !== undefined,
  measures: {
    backSeconds: { label: "all back after, s", digits: 1 },
    caughtUpSeconds: { label: "caught up after, s", digits: 1 },
    missed: { label: "missed, each", digits: 0 },
  },
  run: sideBySide((peer, setting) =>
    withCrowd(peer, setting, {
      storeOf: (member) => member,
      async measure({ server, crowd }) {
        const { events: members } = setting;
        const missed = await server.crash(Array.from({ length: members }, (_, store) => store));
        const sinceUs = monotonicUs();
        const { atUs, caughtUpUs } = await crowd.back(members, members * missed);
        const seconds = (us: number): number => Math.max(0, us - sinceUs) / 1e6;
        const values = { backSeconds: seconds(atUs), caughtUpSeconds: seconds(caughtUpUs), missed };
        return { values, account: { ...noAccount, handled: members * missed }, faults: [] };
      },
    }),
  ),
};
