import type { ListJobs } from "@waybill/events";
import { type Command, command, defineOptions } from "@waybill/options";
import { z } from "zod";
import { adminOptions } from "../admin-options.ts";
import { pages } from "../pages.ts";
import { withAdmin } from "../with-admin.ts";

const summaries: Record<ListJobs["state"], string> = {
  waiting: "Lists the jobs that wait in a pool for a driver.",
  taken: "Lists the jobs that a driver has taken and not yet picked up.",
  overdue: "Lists the jobs that were taken and not picked up in time: dispatch must look at them.",
};
const states = ["waiting", "taken", "overdue"] as const;

/** `jobs waiting`, `jobs taken`, `jobs overdue`: dispatch's view. */
export const jobCommands: Record<string, Command> = Object.fromEntries(states.map((state) => [`jobs ${state}`, jobsCommand(state)]));

function jobsCommand(state: ListJobs["state"]): Command {
  const definition = defineOptions({
    name: `waybill jobs ${state}`,
    summary: summaries[state],
    usage: `npm run waybill -- jobs ${state}`,
    examples: [{ command: `npm run waybill -- jobs ${state}`, does: "by parcel, with its store, zone and driver" }],
    options: z.strictObject({
      after: z.string().optional().describe("Begin behind this parcel.").meta({ placeholder: "PARCEL" }),
      ...adminOptions,
    }),
  });
  return command(definition, ({ options, signal }) =>
    withAdmin(options, signal, async ({ admin, out }) => {
      const ask = (after = options.after) => admin.ask("jobs:list", after === undefined ? { state } : { state, after });
      for await (const { jobs } of pages(ask, (page) => page.jobs.at(-1)?.parcel)) {
        const rows = jobs.map(({ parcel, store, zone, driver, sinceMs }) => ({
          parcel,
          store,
          zone,
          driver,
          since: new Date(sinceMs).toISOString(),
        }));
        await out.rows(["parcel", "store", "zone", "driver", "since"], rows);
      }
    }),
  );
}
