import { type HubErrorCode, hubErrors } from "@waybill/events";
import { commands, type MainInput, runMain } from "@waybill/options";
import { cancel } from "./commands/cancel.ts";
import { listen } from "./commands/listen.ts";
import { message } from "./commands/message.ts";
import { ready } from "./commands/ready.ts";

const isHubErrorCode = (code: string): code is HubErrorCode => Object.hasOwn(hubErrors, code);

const words = commands({
  name: "vendor",
  summary: "A store of Waybill: its events as they come, and what it tells the drivers.",
  usage: "npm run vendor --",
  commands: { listen, ready, cancel, message },
});

/** Listening is what a vendor does; only the other commands need a word. */
const main = (input: MainInput): Promise<number | undefined> =>
  input.argv[0] === undefined || input.argv[0].startsWith("-") ? listen(input) : words(input);

await runMain(main, { advise: (code) => (isHubErrorCode(code) ? hubErrors[code].advice : undefined) });
