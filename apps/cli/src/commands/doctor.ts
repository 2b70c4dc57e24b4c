import { existsSync } from "node:fs";
import { createAdmin, HubError } from "@waybill/client";
import { PROTOCOL_VERSION } from "@waybill/events";
import { type Command, command, defineOptions, exitCodes, programVersion, UsageError } from "@waybill/options";
import { z } from "zod";
import { type AdminOptions, adminOptions } from "../admin-options.ts";
import { type Check, ok, warning, wrong } from "../doctor/check.ts";
import { folderChecks } from "../doctor/folder-checks.ts";
import { hubChecks, settingChecks, storageChecks } from "../doctor/hub-checks.ts";
import { lookAtJobs, lookAtSubscriptions, type Unreached, whyUnreached } from "../doctor/look-at-hub.ts";
import { reportLines } from "../doctor/report-lines.ts";
import { jobsCheck, subscriptionChecks } from "../doctor/subscription-checks.ts";
import { createOutput } from "../output.ts";
import { tokenOf } from "../with-admin.ts";

const NODE_LEAST = 24;
const usage = "npm run waybill -- doctor";

const doctor: Command = command(
  defineOptions({
    name: "waybill doctor",
    summary:
      "Says what is wrong with this installation, and what to do. Asks the hub, looks at the local data folder, and changes nothing. Exit code 1 when something is wrong.",
    usage,
    options: z.strictObject(adminOptions),
    examples: [
      { command: usage, does: "the local hub, and its data folder" },
      { command: `${usage} --url https://hub.example --json`, does: "another hub, for a program" },
    ],
  }),
  async ({ options, signal }) => {
    const checks = [nodeCheck(), ...(await lookAtAll(options, signal))];
    const count = (status: Check["status"]): number => checks.filter((one) => one.status === status).length;
    const out = createOutput({ json: options.json ?? process.stdout.isTTY !== true, stream: process.stdout });
    const width = process.stdout.columns ?? 100;
    await out.say(reportLines(checks, width).join("\n"), {
      ok: count("wrong") === 0,
      wrong: count("wrong"),
      warnings: count("warning"),
      checks,
    });
    return count("wrong") === 0 ? exitCodes.ok : exitCodes.failed;
  },
);

/** The hub's answers where it answers; the local folder where there is one, or nothing else to look at. */
async function lookAtAll(options: AdminOptions, signal: AbortSignal): Promise<Check[]> {
  const hub = await lookAtHub(options, signal);
  if (hub.isReached && !existsSync(options.data)) return hub.checks;
  // It loads the storage, which a hub that answers makes unnecessary.
  const { lookAtFolder } = await import("../doctor/look-at-folder.ts");
  return [...hub.checks, ...folderChecks(lookAtFolder(options.data, hub.isReached))];
}

async function lookAtHub(options: AdminOptions, signal: AbortSignal): Promise<{ isReached: boolean; checks: Check[] }> {
  const { url, timeoutMs } = options;
  try {
    const token = await tokenOf(options);
    await using admin = await createAdmin({ url, token, answerMs: timeoutMs, signal });
    const info = await admin.hub();
    const nowMs = Date.now();
    const { looks, isPartial } = await lookAtSubscriptions(admin);
    const parcels = await lookAtJobs(admin);
    const look = { info, url, version: programVersion(), protocol: PROTOCOL_VERSION, nowMs, isTokenGiven: options.token !== undefined };
    const some = ok("looked at", `the first ${looks.length} subscriptions; there are more`);
    return {
      isReached: true,
      checks: [
        ...hubChecks(look),
        ...storageChecks(look),
        ...settingChecks(info),
        ...subscriptionChecks(looks, info.settings, info.hubTimeMs),
        jobsCheck(parcels, info.settings.pickupDueMs),
        ...(isPartial ? [some] : []),
      ],
    };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof UsageError) return { isReached: false, checks: [await withoutToken(url, timeoutMs)] };
    if (!(error instanceof HubError)) throw error;
    return { isReached: false, checks: [unreachedCheck(url, await whyUnreached(url, error, timeoutMs))] };
  }
}

/** There is neither a token nor a key to make one with: all that can be told is whether a hub is there. */
async function withoutToken(url: string, timeoutMs: number): Promise<Check> {
  const unreached = await whyUnreached(url, new HubError("TIMED_OUT", ""), timeoutMs);
  if (unreached.why !== "silent") return unreachedCheck(url, unreached);
  return wrong(
    "hub",
    `A hub is at ${url}, and there is no token to ask it with.`,
    "Write --token TOKEN (npm run token -- --role admin), or --data DIR with its hub.key.",
  );
}

function unreachedCheck(url: string, unreached: Unreached): Check {
  switch (unreached.why) {
    case "refused":
      return wrong(
        "hub",
        `It is at ${url}, and refuses: ${unreached.error.code}, ${unreached.error.message}`,
        "Get an admin's token: npm run token -- --role admin; or name the hub's own data folder: --data DIR",
      );
    case "nobody":
      return wrong("hub", `Nothing listens at ${url}.`, "Start it: npm run hub; or name its address: --url URL");
    case "no-way":
      return wrong(
        "hub",
        `There is no way to ${url} (${unreached.code}).`,
        "Check the name and the network, or name another address: --url URL",
      );
    case "another":
      return wrong(
        "hub",
        `What listens at ${url} is no hub.`,
        "Name the hub's address with --url, or start it on another port: npm run hub -- --port N",
      );
    case "silent":
      return wrong("hub", `It does not answer at ${url}: ${unreached.message}`, "See its log, and whether it is starting or hangs (top).");
  }
}

function nodeCheck(): Check {
  const { node } = process.versions;
  if (Number(node.split(".")[0]) >= NODE_LEAST) return ok("Node", node);
  return warning("Node", `${node}; Waybill needs ${NODE_LEAST}.`, "Use the one that npm ci brings: npm run …");
}

/** `doctor`. */
export const doctorCommands: Record<string, Command> = { doctor };
