import type { HubInfo, SubscriptionSummary } from "@waybill/client";
import { limits } from "@waybill/events";
import { subscriptionName } from "../subscription-row.ts";
import { countText, spanText } from "../units-text.ts";
import { type Check, named, ok, warning, wrong } from "./check.ts";

/** Of a limit. */
export const NEAR = 0.8;
const UNREAD_MS = 3_600_000;

/** A subscription, its queue's history, when its first unsettled event was recorded, where that was looked up, and how many parcels it has put aside. */
export type SubscriptionLook = SubscriptionSummary & { firstKept: number; waitsSinceMs: number | null; parkedKeys: number };

type Settings = Pick<HubInfo["settings"], "deadLettersMax" | "queueEventsMax" | "retentionMs">;
type Finding = { names: SubscriptionLook[]; check: string; fine: string; tell: (names: string, first: string) => Check };

/** `isPartial`: there are more than were looked at. */
export function subscriptionChecks(looks: readonly SubscriptionLook[], settings: Settings, hubTimeMs: number): Check[] {
  const isMain = ({ group }: SubscriptionLook): boolean => group === "main";
  const waitsMs = ({ waitsSinceMs }: SubscriptionLook): number => (waitsSinceMs === null ? 0 : hubTimeMs - waitsSinceMs);
  const deadMax = settings.deadLettersMax;
  const findings: Finding[] = [
    {
      check: "stuck",
      fine: "no parcel",
      names: looks.filter(({ stuck }) => stuck > 0),
      tell: (names, first) =>
        wrong("stuck", `Parcels wait behind events that failed too often: ${names}.`, `npm run waybill -- key ls ${first}`),
    },
    {
      check: "paused",
      fine: "none",
      names: looks.filter(({ paused }) => paused),
      tell: (names, first) => warning("paused", `Nothing is offered: ${names}.`, `npm run waybill -- sub resume ${first}`),
    },
    {
      check: "dead letters",
      fine: `all far from ${countText(deadMax)}`,
      names: looks.filter(({ dead }) => dead >= deadMax * NEAR),
      tell: (names, first) =>
        wrong(
          "dead letters",
          `At ${countText(deadMax)} a subscription pauses; near or there: ${names}.`,
          `npm run waybill -- dead ls ${first}, then redrive or discard`,
        ),
    },
    {
      check: "put aside",
      fine: `no subscription is near ${countText(limits.parkedKeysMax)} stuck or delayed parcels`,
      names: looks.filter(({ parkedKeys }) => parkedKeys >= limits.parkedKeysMax * NEAR),
      tell: (names, first) =>
        wrong(
          "put aside",
          `With ${countText(limits.parkedKeysMax)} stuck or delayed parcels a subscription reads nothing new; near or there: ${names}.`,
          `npm run waybill -- key ls ${first}, then key retry or key skip; delayed ones go on by themselves`,
        ),
    },
    {
      check: "unread",
      fine: "whoever has events is read, or has had them for less than an hour",
      names: looks.filter((look) => isMain(look) && look.consumers === 0 && look.pending > 0 && waitsMs(look) > UNREAD_MS),
      tell: (names, first) =>
        warning(
          "unread",
          `Nobody reads group main, whose events are never retained away: ${names}.`,
          `Start a reader, or see what waits: npm run waybill -- queue info ${first}`,
        ),
    },
    {
      check: "full",
      fine: `no queue is near ${countText(settings.queueEventsMax)} unsettled events`,
      names: looks.filter((look) => isMain(look) && look.pending >= settings.queueEventsMax * NEAR),
      tell: (names, first) =>
        wrong(
          "full",
          `Publishes are refused at ${countText(settings.queueEventsMax)} unsettled events (QUEUE_FULL): ${names}.`,
          `Start a reader of ${first}, or raise --queue-events-max`,
        ),
    },
    {
      check: "retention",
      fine: "no group is behind what is kept",
      names: looks.filter((look) => !isMain(look) && (look.floor + 1 < look.firstKept || waitsMs(look) > settings.retentionMs * NEAR)),
      tell: (names, first) =>
        warning(
          "retention",
          `History goes after ${spanText(settings.retentionMs)}, and these groups have not read it: ${names}.`,
          `Start a reader of ${first}, or raise --retention; what is gone is told to it as a gap`,
        ),
    },
  ];
  return findings.map(({ check, fine, names, tell }) => {
    const [first] = names;
    return first === undefined ? ok(check, fine) : tell(named(names.map(subscriptionName)), subscriptionName(first));
  });
}

/** Dispatch's view: taken, and not picked up in time. */
export function jobsCheck(parcels: readonly string[], pickupDueMs: number): Check {
  if (parcels.length === 0) return ok("jobs", `none is overdue (${spanText(pickupDueMs)})`);
  return warning(
    "jobs",
    `Taken and not picked up within ${spanText(pickupDueMs)}: ${named(parcels)}.`,
    "npm run waybill -- jobs overdue, and call the driver",
  );
}
