import { HubError } from "@waybill/events";
import { command, defineOptions } from "@waybill/options";
import { z } from "zod";
import { connectDriver, whileWelcome } from "../connect.ts";
import { shared } from "../options.ts";
import { createOutput } from "../output.ts";
import { untilStopped } from "../until-stopped.ts";

const definition = defineOptions({
  name: "driver jobs",
  summary: "Lists the jobs that this driver has taken and not yet picked up, as the hub knows them.",
  usage: "npm run driver -- jobs",
  options: z.strictObject({
    url: shared.url,
    token: shared.token,
    timeoutMs: z.int().min(1).default(10_000).describe("How long the hub may take to answer.").meta({ flag: "timeout", unit: "duration" }),
    json: shared.json,
  }),
});

export const jobs = command(definition, async ({ options, signal }) => {
  const out = createOutput(process.stdout, options.json);
  await using driver = connectDriver({ url: options.url, token: options.token });
  const late = AbortSignal.timeout(options.timeoutMs);
  const held = await untilStopped(AbortSignal.any([signal, late]), whileWelcome(driver, driver.jobs()));
  if (held === undefined) {
    if (late.aborted) throw new HubError("TIMED_OUT", `No hub answered at ${options.url} within ${options.timeoutMs} ms.`);
    throw new HubError("CANCELLED", "Stopped before the hub answered.");
  }
  for (const job of held) await out.say(`${job.parcel}  of ${job.store}  in ${job.zone}`, job);
  if (held.length === 0 && !out.json) await out.say("no jobs", {});
  await driver.close({ drainMs: 0 });
});
