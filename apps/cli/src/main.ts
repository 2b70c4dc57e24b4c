import { type HubErrorCode, hubErrors } from "@waybill/events";
import { commands, runMain } from "@waybill/options";
import { waybillCommands } from "./commands.ts";

const isHubErrorCode = (code: string): code is HubErrorCode => Object.hasOwn(hubErrors, code);

await runMain(
  commands({
    name: "waybill",
    summary: "Looks after a running hub: names, jobs, subscriptions, stuck parcels, dead letters, and why an event was not handled.",
    usage: "npm run waybill --",
    commands: waybillCommands,
  }),
  { advise: (code) => (isHubErrorCode(code) ? hubErrors[code].advice : undefined) },
);
