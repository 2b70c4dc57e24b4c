import { defineOptions } from "@waybill/options";
import { z } from "zod";
import { bugNames } from "./bugs/catalogue.ts";
import { allFaultKinds, faultKinds } from "./plan/fault-kinds.ts";

const count = z.int().min(1);
const listOfKinds = allFaultKinds.map((kind) => `${faultKinds[kind].number} ${kind}`).join(", ");

export const chaosOptions = defineOptions({
  name: "chaos",
  summary:
    "Starts a hub, drivers and vendors, breaks them and all between them for a while, heals everything, and judges from what drivers and vendors wrote themselves whether the promise was kept.",
  usage: "npm run chaos --",
  options: z.strictObject({
    seconds: z.int().min(5).default(60).describe("So long things are broken; the drain comes after it."),
    seed: z.int().default(1).describe("Of the schedule and the load: the same seed draws the same faults."),
    faults: z
      .string()
      .default("all")
      .describe(`Which ones, with commas, by name or number; none: a calm run. There are ${listOfKinds}.`)
      .meta({ placeholder: "LIST" }),
    bug: z
      .enum([...bugNames, "all"])
      .optional()
      .describe("Plants a bug; the verdict must then be a violation. all: each of them, one run after the other.")
      .meta({ placeholder: "NAME" }),
    keep: z
      .string()
      .optional()
      .describe("Keep the run's files here. Default: a temporary folder, removed when all is well.")
      .meta({ path: true, placeholder: "DIR" }),
    oldClients: z
      .boolean()
      .default(false)
      .describe(
        "Older Socket.IO clients and old parcel clients take part too. The first time, npm installs the former into apps/chaos/strangers.",
      ),
    rate: count.default(600).describe("Events a second that drivers publish, all together, at most."),
    storage: z
      .enum(["sqlite", "memory"])
      .default("sqlite")
      .describe("memory forgets all when the hub is killed: the verdict must then be a loss."),
    drainMs: count
      .default(60_000)
      .describe("So long the backlog may take to drain when all is healed; longer is a violation.")
      .meta({ flag: "drain", unit: "duration" }),
  }),
  examples: [
    { command: "npm run chaos", does: "a minute of all faults" },
    { command: "npm run chaos -- --seconds 600 --seed 7", does: "ten minutes; the seed gives the same schedule again" },
    { command: "npm run chaos -- --faults F1,F5", does: "only kills of the hub and a broken network" },
    { command: "npm run chaos -- --bug all", does: "shows that the judge is awake" },
  ],
});
export type ChaosFlags = z.output<(typeof chaosOptions)["options"]>;
