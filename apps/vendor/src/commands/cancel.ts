import { command, defineOptions } from "@waybill/options";
import { z } from "zod";
import { asking } from "../options.ts";
import { ask } from "./ask.ts";

const { store, parcel, ...connection } = asking;

const definition = defineOptions({
  name: "vendor cancel",
  summary: "Cancels a parcel: out of the pool, or told to the driver who holds it.",
  usage: "npm run vendor -- cancel",
  options: z.strictObject({ store, parcel, reason: z.string().min(1).optional().describe("Why; the driver sees it."), ...connection }),
});

export const cancel = command(definition, ({ options, signal }) => {
  const data = options.reason === undefined ? {} : { reason: options.reason };
  return ask(
    options.parcel.map((id) => ({ type: "cancelled", parcel: id, store: options.store, data })),
    options,
    signal,
  );
});
