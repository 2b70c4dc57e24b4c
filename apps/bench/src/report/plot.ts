/** A bar for each result, as a picture that a page on the web can show: no script, no font of its own. */
import { isOwn } from "../peers/catalogue.ts";
import type { Workload } from "../workload.ts";
import type { Result } from "./result.ts";

const WIDTH = 860;
const BAR = 18;
const STEP = 34;
const TOP = 52;
const NAMES = 330;
const VALUES = 110;
const OWN = "#1a7f5a";
const OTHER = "#8a94a6";

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Of the workload's first measure: the median, with a line from the least to the most. */
export function plotOf({ name, summary, measures }: Workload, results: readonly Result[]): string {
  const [[key, { label, digits }] = ["", { label: "", digits: 0 }]] = Object.entries(measures);
  const most = Math.max(...results.map(({ spreads }) => spreads[key]?.max ?? 0), Number.MIN_VALUE);
  const x = (value: number): number => NAMES + (value / most) * (WIDTH - NAMES - VALUES);
  const rows = results.map(({ peer, at, spreads }, index) => {
    const y = TOP + index * STEP;
    const { median = 0, min = 0, max = 0 } = spreads[key] ?? {};
    const color = isOwn(peer) ? OWN : OTHER;
    const value = median.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return [
      `<text x="${NAMES - 10}" y="${y + 13}" text-anchor="end">${escaped(`${peer}, ${at}`)}</text>`,
      `<rect x="${NAMES}" y="${y}" width="${(x(median) - NAMES).toFixed(1)}" height="${BAR}" fill="${color}"/>`,
      `<line x1="${x(min).toFixed(1)}" x2="${x(max).toFixed(1)}" y1="${y + BAR / 2}" y2="${y + BAR / 2}" stroke="#222"/>`,
      `<text x="${(x(max) + 8).toFixed(1)}" y="${y + 13}">${value}</text>`,
    ].join("");
  });
  const height = TOP + results.length * STEP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(summary)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="12" y="28" font-size="15">${escaped(`${name}: ${label}`)}</text>`,
    ...rows,
    "</svg>\n",
  ].join("\n");
}
