import { createVendor, type Delivery, type Vendor } from "@waybill/client";
import { type EventType, eventTypes, groupSchema, HubError, isEventType, MAIN_GROUP, queueOf, storeSchema } from "@waybill/events";
import { type CommandInput, command, defineOptions, UsageError } from "@waybill/options";
import { z } from "zod";
import { commandEnv } from "../listen/command-env.ts";
import { handleDelivery } from "../listen/handle-delivery.ts";
import { parseStart } from "../listen/parse-start.ts";
import { deliveryLine, deliveryRecord } from "../listen/render-delivery.ts";
import { runCommand } from "../listen/run-command.ts";
import { nameOption, shared } from "../options.ts";
import { isJson, writeLine } from "../write-line.ts";

const definition = defineOptions({
  name: "vendor",
  summary:
    "A store's events, each one until it is handled, in each parcel's order: as lines, as JSON, or each to a command. Runs until it is stopped. Other commands: ready, cancel, message.",
  usage: "npm run vendor --",
  options: z.strictObject({
    url: shared.url,
    token: shared.token,
    store: z
      .array(nameOption(storeSchema))
      .default([])
      .describe("Store whose events are wanted. Default: all of the token.")
      .meta({ env: "WAYBILL_STORE", placeholder: "ID" }),
    exec: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Shell command for each event, which is JSON on its stdin; WAYBILL_PARCEL, WAYBILL_EVENT_TYPE and others are set. Exit code 0: handled. Else it comes again later, with the last line of stderr as the reason.",
      )
      .meta({ placeholder: "CMD" }),
    execTimeoutMs: z
      .int()
      .min(1)
      .optional()
      .describe("Kill the command after so long. Default: never.")
      .meta({ flag: "exec-timeout", unit: "duration" }),
    group: nameOption(groupSchema)
      .default(MAIN_GROUP)
      .describe("Every group gets every event; the vendors of one group share them.")
      .meta({ env: "WAYBILL_GROUP", placeholder: "NAME" }),
    from: z
      .string()
      .optional()
      .describe("Makes the group, to begin at start, end, offset:N or a time such as 2026-03-01T08:00:00+01:00.")
      .meta({ placeholder: "PLACE" }),
    types: z
      .array(z.string())
      .default([])
      .describe("Only these types, e.g. delivered,cancelled. Kept with the group: others count as handled.")
      .meta({ placeholder: "TYPES" }),
    concurrency: z.int().min(1).max(1_024).default(16).describe("Events in work at once, never two of one parcel."),
    drainMs: z
      .int()
      .default(30_000)
      .describe("How long a stop waits for what is in work.")
      .meta({ env: "WAYBILL_DRAIN", flag: "drain", unit: "duration" }),
    json: shared.json,
  }),
  examples: [
    { command: "npm run vendor -- --store acme-widgets", does: "The store's events, as they come and all that it missed." },
    { command: `npm run vendor -- --store acme-widgets --exec './print-label.sh'`, does: "Each event to a script." },
    { command: "npm run vendor -- ready --help", does: "How a store asks for a pickup." },
  ],
});
type Options = z.output<typeof definition.options>;

export const listen = command(definition, async ({ options, signal }: CommandInput<typeof definition.options>) => {
  const { url, token } = options;
  const from = startOf(options);
  const types = typesOf(options);
  await using vendor = createVendor({ url, token });
  sayStatus(vendor, isJson(process.stdout, options.json));
  vendor.onOther((_, delivery) => handleDelivery(delivery, { run: runnerOf(options), write: writerOf(options) }));
  const ended = endOf(vendor);
  await Promise.race([
    ended,
    stopped(signal),
    vendor.start({
      ...(options.store.length > 0 ? { queues: options.store.map((store) => queueOf("store", store)) } : {}),
      ...(from === undefined ? {} : { from }),
      ...(types.length > 0 ? { types } : {}),
      group: options.group,
      concurrency: options.concurrency,
    }),
  ]);
  await Promise.race([ended, stopped(signal)]);
  await vendor.close({ drainMs: options.drainMs });
});

function runnerOf({ exec, execTimeoutMs, json }: Options) {
  if (exec === undefined) return null;
  // Standard output belongs to our own lines when a program reads them.
  const stdoutFd = isJson(process.stdout, json) ? 2 : 1;
  return (delivery: Delivery) =>
    runCommand({
      command: exec,
      input: `${JSON.stringify(delivery.event)}\n`,
      env: { ...process.env, ...commandEnv(delivery) },
      signal: delivery.signal,
      stdoutFd,
      onStderr: (text) => void process.stderr.write(text),
      ...(execTimeoutMs === undefined ? {} : { timeoutMs: execTimeoutMs }),
    });
}

function writerOf({ json }: Options) {
  const asJson = isJson(process.stdout, json);
  return (delivery: Delivery, handled: Parameters<typeof deliveryLine>[1]) =>
    writeLine(process.stdout, asJson ? JSON.stringify(deliveryRecord(delivery, handled)) : deliveryLine(delivery, handled));
}

/** Connection and gaps, on stderr: stdout has events and nothing else. An end for good is told by the program's own end. */
function sayStatus(vendor: Vendor, json: boolean): void {
  const say = (sentence: string, record: object): void => void process.stderr.write(`${json ? JSON.stringify(record) : sentence}\n`);
  vendor.listen("status", (status, why) => {
    if (status !== "closed") say(`${status}: ${why}`, { what: "status", status, why });
  });
  vendor.listen("gap", (gap) =>
    say(`note: ${gap.queue} lost ${gap.from} to ${gap.to} to retention before group ${gap.group} read them`, { what: "gap", ...gap }),
  );
  vendor.listen("error", ({ message }) => {
    if (vendor.status !== "closed") say(`note: ${message}`, { what: "notice", text: message });
  });
}

function startOf({ from, group }: Options) {
  if (from === undefined) return undefined;
  if (group === MAIN_GROUP)
    throw new UsageError([`--from: group ${MAIN_GROUP} exists already and begins at the start; name a new one with --group.`]);
  try {
    return parseStart(from);
  } catch (error) {
    throw new UsageError([`--from: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function typesOf({ types }: Options): EventType[] {
  const wanted = types.flatMap((text) => text.split(","));
  const unknown = wanted.filter((type) => !isEventType(type));
  if (unknown.length > 0) throw new UsageError([`--types: ${unknown.join(", ")} is no event type; there are ${eventTypes.join(", ")}.`]);
  return wanted.filter(isEventType);
}

const stopped = (signal: AbortSignal): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** Rejects when the client ends for good by itself: its token was refused, or expired. */
function endOf(vendor: Vendor): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  let cause: Error | undefined;
  vendor.listen("error", (error) => {
    cause = error;
  });
  vendor.listen("status", (status, why) => {
    // The client tells the status first and then the error that it ended with.
    if (status === "closed") setImmediate(() => reject(cause ?? new HubError("CLOSED", why)));
  });
  return promise;
}
