import { zoneSchema } from "@waybill/events";
import { command, defineOptions } from "@waybill/options";
import { z } from "zod";
import { asking, nameOption, notBeforeOption } from "../options.ts";
import { ask } from "./ask.ts";

const { store, parcel, ...connection } = asking;

const definition = defineOptions({
  name: "vendor ready",
  summary: "Asks for a pickup: the parcel is offered to the drivers of the zone.",
  usage: "npm run vendor -- ready",
  options: z.strictObject({
    store,
    parcel,
    zone: nameOption(zoneSchema).describe("The zone whose drivers are asked.").meta({ env: "WAYBILL_ZONE", placeholder: "ID" }),
    address: z.string().optional().describe("Where to."),
    customer: z.string().optional().describe("Who gets it."),
    items: z.int().min(1).optional().describe("How many pieces."),
    note: z.string().optional().describe("What the driver should know."),
    notBefore: notBeforeOption,
    ...connection,
  }),
  examples: [
    { command: "npm run vendor -- ready --store acme-widgets --parcel P-1 --zone north", does: "One parcel waits." },
    {
      command: "npm run vendor -- ready --store acme-widgets --parcel P-1 --zone north --not-before 2026-05-01T09:00:00+02:00",
      does: "It is offered to the drivers at nine, and not before.",
    },
  ],
});

export const ready = command(definition, ({ options, signal }) => {
  const { zone, address, customer, items, note } = options;
  const data = {
    zone,
    ...(address === undefined ? {} : { address }),
    ...(customer === undefined ? {} : { customer }),
    ...(items === undefined ? {} : { items }),
    ...(note === undefined ? {} : { note }),
  };
  return ask(
    options.parcel.map((id) => ({ type: "ready", parcel: id, store: options.store, data, notBefore: options.notBefore })),
    options,
    signal,
  );
});
