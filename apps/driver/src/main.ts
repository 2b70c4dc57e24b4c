import { type HubErrorCode, hubErrors } from "@waybill/events";
import { commands, runMain } from "@waybill/options";
import { drive } from "./commands/drive.ts";
import { jobs } from "./commands/jobs.ts";
import { publish } from "./commands/publish.ts";
import { replay } from "./commands/replay.ts";

const isHubErrorCode = (code: string): code is HubErrorCode => Object.hasOwn(hubErrors, code);

await runMain(
  commands({
    name: "driver",
    summary: "A driver of Waybill: a simulated working day, a file of real orders, events from standard input.",
    usage: "npm run driver --",
    commands: { drive, publish, replay, jobs },
  }),
  { advise: (code) => (isHubErrorCode(code) ? hubErrors[code].advice : undefined) },
);
