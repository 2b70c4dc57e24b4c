import type { HubInfo } from "@waybill/client";
import { type Cell, cut, table, textOf } from "../output.ts";
import { subscriptionName } from "../subscription-row.ts";
import { bytesText, countText, rateText, spanText } from "../units-text.ts";
import type { Rates } from "./rates.ts";

const NAME_WIDTH = 14;
const VALUE_WIDTH = 9;
const GAP = "   ";
const CELLS_MAX = 4;
const columns = ["subscription", "pending", "settled/s", "hand", "stuck", "dead", "readers", "state"] as const;

export type TopInput = {
  info: HubInfo;
  rates: Rates | null;
  url: string;
  /** Beside the storage: that the hub is away, say. */
  note: string;
  width: number;
  /** Lines that there are; the list of subscriptions is cut to them. */
  height: number;
};

/** The hub at a glance, as lines no wider than the terminal. */
export function topView({ info, rates, url, note, width, height }: TopInput): string[] {
  const { version, epoch, protocol, uptimeMs, storageId, connections, gauges } = info;
  const state = info.draining ? "draining" : `up ${spanText(uptimeMs)}`;
  const perSecond = (name: keyof Rates): string => (rates === null ? "-" : `${rateText(rates[name])}/s`);
  const cells: (readonly [string, string])[] = [
    ["published", perSecond("published")],
    ["delivered", perSecond("delivered")],
    ["settled", perSecond("settled")],
    ["failed", perSecond("failed")],
    ["pending", countText(gauges.pending)],
    ["stuck", countText(gauges.stuck)],
    ["dead", countText(gauges.dead)],
    ["subscriptions", countText(gauges.subscriptions)],
    ["drivers", countText(connections.driver)],
    ["vendors", countText(connections.vendor)],
    ["admins", countText(connections.admin)],
    ["loop delay", `${Math.round(gauges.loopDelayMs.p99)} ms`],
    ["memory", bytesText(gauges.rssBytes)],
    ["WAL", bytesText(gauges.walBytes)],
    ["data", bytesText(gauges.fileBytes)],
    ["disk free", gauges.diskFreeBytes === null ? "-" : bytesText(gauges.diskFreeBytes)],
  ];
  const lines = [
    `Waybill ${version} at ${url}, ${state}, wire ${protocol.min} to ${protocol.max}`,
    note === "" ? `storage ${storageId}, epoch ${epoch}` : note,
    "",
    ...grid(cells, width),
    "",
    ...tableLines(info, width),
  ];
  return lines.slice(0, Math.max(1, height)).map((line) => cut(textOf(line), width));
}

/** As many cells side by side as fit: name to the left, value to the right. */
function grid(cells: readonly (readonly [string, string])[], width: number): string[] {
  const cellWidth = NAME_WIDTH + VALUE_WIDTH + GAP.length;
  const perLine = Math.max(1, Math.min(CELLS_MAX, Math.floor((width + GAP.length) / cellWidth)));
  const texts = cells.map(([name, value]) => name.padEnd(NAME_WIDTH) + value.padStart(VALUE_WIDTH));
  const lineCount = Math.ceil(texts.length / perLine);
  return Array.from({ length: lineCount }, (_, line) => texts.slice(line * perLine, (line + 1) * perLine).join(GAP));
}

function tableLines({ busiest }: HubInfo, width: number): string[] {
  if (busiest.length === 0) return ["No subscription has anything left to do."];
  const rows: Record<(typeof columns)[number], Cell>[] = [...busiest]
    .sort((a, b) => b.pending - a.pending || b.settledPerSecond - a.settledPerSecond)
    .map((one) => ({
      subscription: subscriptionName(one),
      pending: one.pending,
      "settled/s": Number(one.settledPerSecond.toFixed(1)),
      hand: one.inHand,
      stuck: one.stuck,
      dead: one.dead,
      readers: one.consumers,
      state: one.paused ? `paused, ${one.policy}` : one.policy,
    }));
  const header = Object.fromEntries(columns.map((column) => [column, column.toUpperCase()]));
  return table(columns, [header, ...rows], width)
    .trimEnd()
    .split("\n");
}
