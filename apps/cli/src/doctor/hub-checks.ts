import type { HubInfo } from "@waybill/client";
import { isoTime } from "../time-text.ts";
import { bytesText, spanText } from "../units-text.ts";
import { type Check, ok, warning, wrong } from "./check.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const CLOCKS_APART_MS = 5_000;
const TOKEN_SOON_MS = 7 * DAY_MS;
const BACKUP_OLD_MS = 2 * DAY_MS;
const LOOP_LATE_MS = 250;
/** A disk with less is about to stop the hub; one with less than the second is worth a look. */
const DISK_LEAST_BYTES = 256_000_000;
const DISK_LOW_BYTES = 2_000_000_000;
/** Twice of where commits begin to wait for the checkpoint. */
const WAL_LARGE_BYTES = 134_217_728;

export type HubLook = {
  info: HubInfo;
  url: string;
  /** This program's own. */
  version: string;
  protocol: number;
  nowMs: number;
  /** The token was given, and not made with the local key for this one question. */
  isTokenGiven: boolean;
};

/** The hub itself: is it the one that is meant, in time, and not too late. */
export function hubChecks({ info, url, version, protocol, nowMs, isTokenGiven }: HubLook): Check[] {
  return [
    ok("hub", `Waybill ${info.version} answers at ${url}, up ${spanText(info.uptimeMs)}`),
    info.draining
      ? warning("draining", "It is leaving: connections are refused.", "Wait for the one that follows, or start it: npm run hub")
      : ok("draining", "no"),
    info.version === version
      ? ok("version", version)
      : warning("version", `The hub is ${info.version}, this program ${version}.`, "Update the older of the two."),
    protocol >= info.protocol.min && protocol <= info.protocol.max
      ? ok("wire", `version ${protocol}; the hub speaks ${info.protocol.min} to ${info.protocol.max}`)
      : wrong(
          "wire",
          `This program speaks version ${protocol}, the hub ${info.protocol.min} to ${info.protocol.max}.`,
          "Update the older of the two.",
        ),
    tokenCheck(info, nowMs, isTokenGiven),
    ...clockChecks(info, nowMs),
    info.gauges.loopDelayMs.p99 < LOOP_LATE_MS
      ? ok("event loop", `late by ${Math.round(info.gauges.loopDelayMs.p99)} ms at most, but for one turn in a hundred`)
      : warning(
          "event loop",
          `late by ${Math.round(info.gauges.loopDelayMs.p99)} ms: the hub's processor has more to do than it can.`,
          "Look what else runs on the machine, and at waybill top.",
        ),
  ];
}

function tokenCheck({ you }: HubInfo, nowMs: number, isGiven: boolean): Check {
  if (!isGiven) return ok("token", "made with the local hub's key, for this question alone");
  const who = `${you.role} ${you.subject}`;
  const leftMs = you.expiresAtMs - nowMs;
  if (leftMs > TOKEN_SOON_MS) return ok("token", `${who}, good until ${isoTime(you.expiresAtMs)}`);
  return warning("token", `${who}; it expires in ${spanText(leftMs)}.`, "Get a new one: npm run token -- --role admin --ttl 90d");
}

function clockChecks({ wallMs, hubTimeMs }: HubInfo, nowMs: number): Check[] {
  const apartMs = Math.abs(wallMs - nowMs);
  const behindMs = wallMs - hubTimeMs;
  return [
    apartMs <= CLOCKS_APART_MS
      ? ok("clock", "the hub's and this machine's agree")
      : warning(
          "clock",
          `The hub's clock and this machine's are ${spanText(apartMs)} apart: tokens expire by it.`,
          "Set both by NTP: timedatectl set-ntp true",
        ),
    Math.abs(behindMs) <= MINUTE_MS
      ? ok("hub time", isoTime(hubTimeMs))
      : warning(
          "hub time",
          `It is ${spanText(Math.abs(behindMs))} ${behindMs > 0 ? "behind" : "ahead of"} the hub's wall clock, since that jumped or the hub was down for more than a day.`,
          "Nothing is lost: delays and retention go by hub time. It stays so until the next start.",
        ),
  ];
}

/** What the hub's disk and its settings are like. */
export function storageChecks({ info, nowMs }: Pick<HubLook, "info" | "nowMs">): Check[] {
  const { gauges, settings, ballastReleased, lastBackup } = info;
  if (settings.storage === "memory") {
    return [wrong("storage", "It is in memory: nothing survives the hub's process.", "Start the hub without --storage memory.")];
  }
  const backup = "Make one: npm run waybill -- backup";
  return [
    diskCheck(gauges.diskFreeBytes ?? 0, gauges.fileBytes),
    gauges.walBytes < WAL_LARGE_BYTES
      ? ok("WAL", bytesText(gauges.walBytes))
      : warning(
          "WAL",
          `The write-ahead log has ${bytesText(gauges.walBytes)}: the disk does not keep up, or somebody reads for very long.`,
          "Look at the disk's load (iostat -x 1), and at what else has waybill.db open.",
        ),
    ballastReleased
      ? wrong(
          "ballast",
          "It was given up: the disk was full, and still has no room for it.",
          "Free space on the hub's disk; the hub makes it again by itself.",
        )
      : settings.ballastBytes > 0
        ? ok("ballast", `${bytesText(settings.ballastBytes)} kept for a full disk`)
        : warning("ballast", "None: on a full disk the hub cannot get out by itself.", "Start it with --ballast-mb 64."),
    lastBackup === null
      ? warning("backup", "None was ever made.", backup)
      : nowMs - lastBackup.startedAtMs > BACKUP_OLD_MS
        ? warning("backup", `The latest, ${lastBackup.name}, is ${spanText(nowMs - lastBackup.startedAtMs)} old.`, backup)
        : ok("backup", `${lastBackup.name}, ${spanText(nowMs - lastBackup.startedAtMs)} old`),
  ];
}

/** `fileBytes`: so much a backup needs. */
export function diskCheck(freeBytes: number, fileBytes: number): Check {
  const found = `${bytesText(freeBytes)} free`;
  if (freeBytes < DISK_LEAST_BYTES)
    return wrong("disk", `Only ${found}: soon publishes are refused (STORAGE_FULL).`, "Free some space, or move the data folder.");
  if (freeBytes < DISK_LOW_BYTES || freeBytes < fileBytes)
    return warning(
      "disk",
      `${found}, and the data has ${bytesText(fileBytes)}.`,
      "Make room before it is needed; keep backups on another disk.",
    );
  return ok("disk", found);
}

/** What its operator set. */
export function settingChecks({ settings }: HubInfo): Check[] {
  const { host, open, key, transports } = settings;
  const isLoopback = host === "localhost" || host === "::1" || host.startsWith("127.");
  return [
    !isLoopback && key === "demo"
      ? wrong(
          "key",
          `It listens on ${host} with a key that it made itself.`,
          "Give it one: openssl rand -base64 32 > waybill.key, then --key-file waybill.key",
        )
      : ok("key", key === "demo" ? "made by the hub, for this machine alone" : "the operator's own"),
    open && !isLoopback
      ? warning(
          "open",
          `Names become known at first sight, and it listens on ${host}.`,
          "Start it without --open, and make names known: waybill store import FILE",
        )
      : ok("open", open ? "yes, on this machine alone" : "no: names are made known by an operator"),
    transports.includes("websocket")
      ? ok("transports", transports.join(", "))
      : wrong("transports", "Polling only: SDKs cannot connect.", "Start the hub with --transports websocket --transports polling."),
  ];
}
