/**
 * The hub, whole and as it is shipped, but for one part: where its sources import the maker of that part, they get ours, which
 * wraps the true one. Which bug: WAYBILL_CHAOS_BUG.
 */
import { registerHooks } from "node:module";
import { bugOf } from "./catalogue.ts";

/** What the hub's sources import, and what they get instead. */
const substitutes: Readonly<Record<string, { specifier: string; by: string }>> = {
  storage: { specifier: "@waybill/storage", by: "./storage-with-bug.ts" },
  engine: { specifier: "@waybill/queue", by: "./engine-with-bug.ts" },
  clock: { specifier: "./clock.ts", by: "./clock-with-bug.ts" },
  sockets: { specifier: "socket.io", by: "./sockets-with-bug.ts" },
};

const substitute = substitutes[bugOf(process.env.WAYBILL_CHAOS_BUG ?? "")?.place ?? ""];
if (!substitute) throw new Error("WAYBILL_CHAOS_BUG names none of the hub's bugs.");
const hubSources = new URL("../../../hub/src/", import.meta.url).href;
const replacement = new URL(substitute.by, import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const isHubs = context.parentURL?.startsWith(hubSources) === true;
    return isHubs && specifier === substitute.specifier ? { url: replacement, shortCircuit: true } : next(specifier, context);
  },
});

await import(new URL("../../../hub/bin/hub.js", import.meta.url).href);
