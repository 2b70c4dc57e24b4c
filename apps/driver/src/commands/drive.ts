import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { zoneSchema } from "@waybill/events";
import { command, defineOptions, exitCodes, UsageError } from "@waybill/options";
import { z } from "zod";
import { connectDriver, sayNotices } from "../connect.ts";
import { fileBag, memoryBag } from "../drive/bag.ts";
import { createChance } from "../drive/chance.ts";
import { createDayClock, type DayClock } from "../drive/day-clock.ts";
import { createForwarder } from "../drive/forwarder.ts";
import { runOutages } from "../drive/outages.ts";
import { describeSaid, type Said } from "../drive/said.ts";
import { simulateDriver } from "../drive/simulate-driver.ts";
import { driverOf, nameOption, shared } from "../options.ts";
import { createOutput, type Output } from "../output.ts";

const MINUTE_MS = 60_000;

const definition = defineOptions({
  name: "driver drive",
  summary:
    "Simulates a working day: drivers take jobs from the pools of their zones, pick up, deliver, sometimes find nobody at home, and lose their network now and then. Runs until it is stopped.",
  usage: "npm run driver -- drive",
  options: z.strictObject({
    url: shared.url,
    token: z
      .array(z.string().min(1))
      .min(1)
      .describe("Signed token of each driver: npm run token -- --role driver --driver NAME")
      .meta({ env: "WAYBILL_TOKEN", placeholder: "TOKEN", secret: true }),
    zone: z.array(nameOption(zoneSchema)).min(1).describe("Zone whose jobs are taken.").meta({ env: "WAYBILL_ZONE", placeholder: "ID" }),
    drivers: z.int().min(1).optional().describe("How many drivers. Default: one for each token."),
    carry: z.int().min(1).max(100).default(3).describe("Jobs that a driver has in hand at most."),
    speed: z.number().positive().max(100_000).default(60).describe("How many times faster than a real day; 60: a minute in a second."),
    seed: z.string().default("1").describe("Decides all that chance decides: ways, ends, lost networks."),
    offlineEveryMs: z
      .int()
      .min(0)
      .default(20 * MINUTE_MS)
      .describe("Mean time of the day between two losses of a driver's network; 0: never.")
      .meta({ flag: "offline-every", unit: "duration" }),
    outbox: z
      .string()
      .optional()
      .describe("Folder of the drivers' outboxes and jobs: started again, they go on where they were. Default: in memory.")
      .meta({ env: "WAYBILL_OUTBOX", path: true, placeholder: "DIR" }),
    drainMs: shared.drainMs,
    json: shared.json,
  }),
});
type Options = z.output<typeof definition.options>;

/** Exit code 0 when stopped with everything confirmed or in an outbox file; 1 when something was left in memory. */
export const drive = command(definition, async ({ options, signal }) => {
  const out = createOutput(process.stdout, options.json);
  const tokens = tokensByDriver(options);
  if (options.outbox !== undefined) mkdirSync(options.outbox, { recursive: true });

  const failure = new AbortController();
  const clock = createDayClock({ speed: options.speed, signal: AbortSignal.any([signal, failure.signal]) });
  const days = [...tokens].map(async ([name, token]) => {
    try {
      return await driveOne({ name, token, options, clock, out });
    } catch (error) {
      failure.abort();
      throw error;
    }
  });
  const ends = await Promise.allSettled(days);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
  const left = ends.reduce((sum, end) => sum + (end.status === "fulfilled" ? end.value : 0), 0);
  return left > 0 && options.outbox === undefined ? exitCodes.failed : exitCodes.ok;
});

/** One driver's day; resolves with the events that are still in the outbox. */
async function driveOne(day: { name: string; token: string; options: Options; clock: DayClock; out: Output }): Promise<number> {
  const { name, token, options, clock, out } = day;
  const seed = `${options.seed}/${name}`;
  const say = (said: Said): void => {
    const at = new Date();
    void out.say(`${at.toTimeString().slice(0, 8)}  ${name}  ${describeSaid(said)}`, { at: at.toISOString(), driver: name, ...said });
  };
  const fileOf = (kind: string): string | undefined => (options.outbox === undefined ? undefined : join(options.outbox, `${name}.${kind}`));
  const jobsFile = fileOf("jobs");
  const bag = jobsFile === undefined ? memoryBag() : fileBag(jobsFile);

  await using network = options.offlineEveryMs === 0 ? null : await createForwarder(options.url);
  const outages =
    network &&
    runOutages({
      network,
      everyS: options.offlineEveryMs / 1_000,
      chance: createChance(`${seed}/network`),
      clock,
      onLost: (forS) => say({ what: "offline", forS }),
    });
  // Back soon after a loss: a simulated minute may be a real second.
  await using driver = connectDriver({
    url: network?.url ?? options.url,
    token,
    outbox: fileOf("outbox"),
    reconnectMs: 100,
    reconnectMsMax: 1_000,
  });
  sayNotices(driver, out);
  await simulateDriver({ driver, zones: options.zone, bag, clock, seed, carryMax: options.carry, say });
  await outages;
  await driver.close({ drainMs: options.drainMs });
  say({ what: "stopped", carrying: bag.jobs.size, pending: driver.outbox.pending });
  return driver.outbox.pending;
}

/** Throws UsageError when two tokens name one driver, or there are fewer tokens than drivers. */
function tokensByDriver({ token: tokens, drivers = tokens.length }: Options): Map<string, string> {
  const byName = new Map(tokens.map((token) => [driverOf(token), token]));
  if (byName.size < tokens.length) throw new UsageError(["--token: two tokens name the same driver; each driver holds jobs of its own."]);
  if (drivers > tokens.length)
    throw new UsageError([
      `--drivers: ${drivers} drivers need ${drivers} tokens, and ${tokens.length} are given. npm run token -- --role driver --driver NAME makes one for NAME.`,
    ]);
  return new Map([...byName].slice(0, drivers));
}
