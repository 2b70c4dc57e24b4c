import { defineOptions } from "@waybill/options";
import { z } from "zod";

export const startOptions = defineOptions({
  name: "start",
  summary:
    "A hub, two stores and three drivers on a made-up day, each a program of its own, and one stream of what happens. Ctrl-C stops all of it; started again, it goes on where it was.",
  usage: "npm start --",
  options: z.strictObject({
    port: z.int().min(0).max(65_535).default(3_000).describe("Port of the hub; 0 takes a free one.").meta({ env: "WAYBILL_PORT" }),
    data: z
      .string()
      .min(1)
      .default("./data")
      .describe("Where the hub keeps its events, and the drivers and stores their outboxes.")
      .meta({ env: "WAYBILL_DATA", path: true, placeholder: "DIR" }),
    everyMs: z
      .int()
      .min(50)
      .default(1_000)
      .describe("How often a parcel waits for a driver, about.")
      .meta({ flag: "every", unit: "duration" }),
    speed: z
      .number()
      .positive()
      .default(240)
      .describe("How many times faster than a real day the drivers work; 240: an hour in fifteen seconds."),
    seed: z.string().default("1").describe("Of the made-up day."),
  }),
  examples: [
    { command: "npm start", does: "on port 3000, events in ./data" },
    { command: "npm start -- --port 0 --data /tmp/waybill", does: "beside another hub" },
  ],
});
