import { defineOptions } from "@waybill/options";
import { z } from "zod";
import { axisNames } from "./load/axes.ts";
import { plants } from "./measure/tally.ts";
import { peerNames } from "./peers/catalogue.ts";
import { workloads } from "./workloads/catalogue.ts";

const count = z.int().min(1);
/** A comma between two. */
const points = (defaults: string, pattern = /^\d+(,\d+)*$/) =>
  z.string().regex(pattern).default(defaults).meta({ placeholder: "N,N…", takes: "numbers with a comma between two, such as 100,1000" });
const atLeastOne = (defaults: string) => points(defaults, /^[1-9]\d*(,[1-9]\d*)*$/);
const names = Object.values(workloads);
const listOfDefaults = (of: "events" | "stores"): string =>
  names.map(({ name, defaults }) => `${defaults[of].toLocaleString("en")} for ${name}`).join(", ");

export const benchOptions = defineOptions({
  name: "bench",
  summary:
    "Measures a hub and its clients in processes of their own, over loopback, and checks in every run that each event came once and in its parcel's order.",
  usage: "npm run bench --",
  positionals: {
    placeholder: "WORKLOAD",
    describe: names.map(({ name, summary }) => `${name}: ${summary}`).join(" "),
    min: 1,
    max: names.length,
  },
  options: z.strictObject({
    runs: count.max(100).default(3).describe("Runs of each workload; the medians are told, with the least and the most."),
    events: count.optional().describe(`Events of a run. Default: ${listOfDefaults("events")}.`),
    stores: count
      .max(10_000)
      .optional()
      .describe(`Stores, each with a queue of its own. Default: ${listOfDefaults("stores")}.`),
    rate: count.default(20_000).describe("Events a second of the paced load of growth."),
    axes: z
      .string()
      .regex(new RegExp(`^(${axisNames.join("|")})(,(${axisNames.join("|")}))*$`))
      .default(axisNames.join(","))
      .describe("What growth varies, one at a time.")
      .meta({ placeholder: "NAMES", takes: `a list of ${axisNames.join(", ")}` }),
    stored: points("0,100000,1000000,10000000").describe("growth: unsettled events of stores whose vendors are away."),
    queues: atLeastOne("100,1000,10000,100000").describe("growth: queues that the load goes through."),
    connections: atLeastOne("10,100,1000,5000").describe("growth: connections that share the load, over 5,000 queues."),
    idle: points("0,1000,5000").describe("growth: subscribed connections without anything to do, beside the load."),
    keys: atLeastOne("1,1000,1000000").describe("growth: parcels that take turns in one queue."),
    bytes: z.int().min(200).max(16_000).default(250).describe("Size of an event's JSON."),
    peers: z
      .string()
      .default("")
      .describe(
        `Who is measured beside Waybill, in the same runs: all, or a list such as redis,rabbitmq. There are ${peerNames.join(", ")}; of those that are Waybill, all, unless some are named. Clients of brokers are installed into apps/bench/peers; a server that is not installed is told, and left out.`,
      )
      .meta({ placeholder: "NAMES" }),
    json: z.boolean().default(false).describe("Nothing but the last line, which is JSON."),
    write: z.boolean().default(false).describe("Write table and plot into docs/benchmarks.md."),
    profile: z
      .string()
      .optional()
      .describe("Write CPU profiles of all processes here, and say which files took the time.")
      .meta({ path: true, placeholder: "DIR" }),
    allocations: z
      .string()
      .optional()
      .describe(
        "Write here where the processes allocated memory, what was collected included, and say which files took most. Not with --profile.",
      )
      .meta({ path: true, placeholder: "DIR" }),
    plant: z
      .enum(plants)
      .optional()
      .describe("Plants a fault into what a vendor notes, to show that the check is awake: the run must fail."),
  }),
  examples: [
    { command: "npm run bench -- drain", does: "three runs of a vendor's catch-up" },
    { command: "npm run bench -- flow --runs 5 --profile /tmp/flow", does: "and where the time goes" },
    { command: "npm run bench -- flow --peers all", does: "Waybill beside every broker that is installed" },
    { command: "npm run bench -- restart slow --json", does: "two workloads, for a program" },
  ],
});
export type BenchFlags = z.output<(typeof benchOptions)["options"]>;
