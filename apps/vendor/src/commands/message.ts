import { command, defineOptions } from "@waybill/options";
import { z } from "zod";
import { asking, notBeforeOption } from "../options.ts";
import { ask } from "./ask.ts";

const { store, parcel, ...connection } = asking;

const definition = defineOptions({
  name: "vendor message",
  summary: "Writes to the driver who holds the parcel.",
  usage: "npm run vendor -- message",
  options: z.strictObject({
    store,
    parcel,
    text: z.string().min(1).describe("What to say."),
    from: z.string().min(1).optional().describe("Who says it."),
    notBefore: notBeforeOption,
    ...connection,
  }),
});

export const message = command(definition, ({ options, signal }) => {
  const data = { text: options.text, ...(options.from === undefined ? {} : { from: options.from }) };
  return ask(
    options.parcel.map((id) => ({ type: "message", parcel: id, store: options.store, data, notBefore: options.notBefore })),
    options,
    signal,
  );
});
