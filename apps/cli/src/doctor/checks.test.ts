import { expect, test } from "vitest";
import { hubInfo } from "../../test/hub-info.ts";
import type { Check } from "./check.ts";
import { named } from "./check.ts";
import { type FolderLook, folderChecks } from "./folder-checks.ts";
import { type HubLook, hubChecks, settingChecks, storageChecks } from "./hub-checks.ts";
import { jobsCheck, type SubscriptionLook, subscriptionChecks } from "./subscription-checks.ts";

const info = hubInfo();
const look = (fields: Partial<HubLook> = {}): HubLook => ({
  info,
  url: "http://127.0.0.1:3000",
  version: "0.1.0",
  protocol: 2,
  nowMs: info.wallMs,
  isTokenGiven: true,
  ...fields,
});
const hub = (fields: Parameters<typeof hubInfo>[0]) => look({ info: hubInfo({ ...info, ...fields }) });
const settings = (fields: Partial<typeof info.settings>) => hub({ settings: { ...info.settings, ...fields } }).info;
const gauges = (fields: Partial<typeof info.gauges>) => hub({ gauges: { ...info.gauges, ...fields } });
const backup = (startedAtMs: number) => ({
  name: "first",
  state: "done" as const,
  path: "/b/first",
  startedAtMs,
  seconds: 1,
  bytes: 1,
  bytesExpected: 1,
  events: 1,
  storageId: "s",
});
const fineHub = hub({ lastBackup: backup(info.wallMs - 3_600_000), you: { ...info.you, expiresAtMs: info.wallMs + 30 * 86_400_000 } });

const statusOf = (checks: readonly Check[], name: string) => checks.find(({ check }) => check === name)?.status;
const notOk = (checks: readonly Check[]) => checks.filter(({ status }) => status !== "ok").map(({ check, status }) => `${check} ${status}`);

test("a hub that is well has nothing but ok", () => {
  expect(
    notOk([...hubChecks(fineHub), ...storageChecks(fineHub), ...settingChecks(info), ...subscriptionChecks([], info.settings, 0)]),
  ).toEqual([]);
});

const hubTable: [name: string, checks: readonly Check[], expected: string][] = [
  ["draining", hubChecks(hub({ draining: true })), "draining warning"],
  ["another version", hubChecks(look({ version: "0.2.0" })), "version warning"],
  ["a wire that the hub does not speak", hubChecks(look({ protocol: 3 })), "wire wrong"],
  ["a token that expires soon", hubChecks(look({ nowMs: info.you.expiresAtMs - 3_600_000 })), "token warning"],
  ["clocks apart", hubChecks(look({ nowMs: info.wallMs + 60_000 })), "clock warning"],
  ["hub time behind", hubChecks(hub({ hubTimeMs: info.wallMs - 7_200_000 })), "hub time warning"],
  ["a late event loop", hubChecks(gauges({ loopDelayMs: { p99: 900, max: 2_000 } })), "event loop warning"],
  ["a full disk", storageChecks(gauges({ diskFreeBytes: 1_000 })), "disk wrong"],
  ["a disk that fills", storageChecks(gauges({ diskFreeBytes: 1_900_000_000 })), "disk warning"],
  ["no room for a backup", storageChecks(gauges({ diskFreeBytes: 5_000_000_000, fileBytes: 6_000_000_000 })), "disk warning"],
  ["a long log", storageChecks(gauges({ walBytes: 500_000_000 })), "WAL warning"],
  ["a ballast that is gone", storageChecks(hub({ ballastReleased: true })), "ballast wrong"],
  ["no ballast", storageChecks(look({ info: settings({ ballastBytes: 0 }) })), "ballast warning"],
  ["no backup", storageChecks(hub({ lastBackup: null })), "backup warning"],
  ["an old backup", storageChecks(hub({ lastBackup: backup(info.wallMs - 3 * 86_400_000) })), "backup warning"],
  ["storage in memory", storageChecks(look({ info: settings({ storage: "memory" }) })), "storage wrong"],
  ["a demo key for the network", settingChecks(settings({ host: "0.0.0.0", key: "demo" })), "key wrong"],
  ["an open hub for the network", settingChecks(settings({ host: "0.0.0.0", open: true })), "open warning"],
  ["no websocket", settingChecks(settings({ transports: ["polling"] })), "transports wrong"],
  ["overdue jobs", [jobsCheck(["P-1"], 1_800_000)], "jobs warning"],
];
test.each(hubTable)("%s is told", (_name, checks, expected) => {
  expect(notOk(checks)).toContain(expected);
});

test("a token that was made for the question is no finding, however short it is", () => {
  expect(statusOf(hubChecks(look({ nowMs: info.you.expiresAtMs - 1_000, isTokenGiven: false })), "token")).toBe("ok");
});

const HOUR_MS = 3_600_000;
const subscription = (fields: Partial<SubscriptionLook>): SubscriptionLook => ({
  queue: "store/acme",
  group: "main",
  policy: "block",
  paused: false,
  floor: 0,
  head: 10,
  pending: 10,
  inHand: 0,
  stuck: 0,
  dead: 0,
  consumers: 1,
  firstKept: 1,
  waitsSinceMs: null,
  parkedKeys: 0,
  ...fields,
});
const nowMs = 100 * HOUR_MS;
const subscriptionTable: [name: string, fields: Partial<SubscriptionLook>, expected: string[]][] = [
  ["in order", {}, []],
  ["stuck", { stuck: 2 }, ["stuck wrong"]],
  ["paused", { paused: true }, ["paused warning"]],
  ["near its dead letters' limit", { dead: 8_000 }, ["dead letters wrong"]],
  ["with nearly as many parcels aside as may be", { parkedKeys: 90_000 }, ["put aside wrong"]],
  ["main, unread for hours", { consumers: 0, waitsSinceMs: nowMs - 2 * HOUR_MS }, ["unread warning"]],
  ["main, unread for minutes", { consumers: 0, waitsSinceMs: nowMs - HOUR_MS / 2 }, []],
  ["main, nearly full", { pending: 8_000_000 }, ["full wrong"]],
  ["a group behind what is kept", { group: "audit", floor: 3, firstKept: 9 }, ["retention warning"]],
  ["a group that soon will be", { group: "audit", waitsSinceMs: nowMs - 9 * HOUR_MS }, ["retention warning"]],
  ["another group, unread for hours", { group: "audit", consumers: 0, waitsSinceMs: nowMs - 2 * HOUR_MS }, []],
];
test.each(subscriptionTable)("a subscription: %s", (_name, fields, expected) => {
  const limits = { ...info.settings, retentionMs: 10 * HOUR_MS };
  const checks = subscriptionChecks([subscription({}), subscription(fields)], limits, nowMs);
  expect(notOk(checks)).toEqual(expected);
});

const folder = (fields: Partial<FolderLook>, state: Partial<FolderLook["folder"]> = {}): Check[] =>
  folderChecks({
    path: "data",
    folder: { state: "free", format: 2, formatKnown: 2, databaseBytes: 1_000, walBytes: 0, ...state },
    keyMode: 0o100_600,
    diskFreeBytes: 50_000_000_000,
    isHubReached: false,
    ...fields,
  });
const folderTable: [name: string, checks: readonly Check[], expected: string[]][] = [
  ["in order", folder({}), []],
  ["not there yet", folder({ keyMode: null }, { state: "none", format: null }), []],
  ["held by the hub that answers", folder({ isHubReached: true }, { state: "held" }), []],
  ["held, and no hub answers", folder({}, { state: "held" }), ["data folder wrong"]],
  ["half of a copy", folder({}, { state: "unfinished", format: null }), ["data folder wrong"]],
  ["of an older format", folder({}, { format: 1 }), ["format warning"]],
  ["of a newer format", folder({}, { format: 3 }), ["format wrong"]],
  ["of another program", folder({}, { format: null }), ["format wrong"]],
  ["with a key that others may read", folder({ keyMode: 0o100_644 }), ["key file wrong"]],
  ["on a full disk", folder({ diskFreeBytes: 1_000 }), ["disk wrong"]],
];
test.each(folderTable)("a data folder: %s", (_name, checks, expected) => {
  expect(notOk(checks)).toEqual(expected);
});

test("every finding says what to do, and names at most three", () => {
  const all = [...hubTable, ...folderTable].flatMap(([, checks]) => checks);
  for (const check of all) if (check.status !== "ok") expect(check.remedy.length).toBeGreaterThan(10);
  expect(named(["a", "b"])).toBe("a, b");
  expect(named(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});
