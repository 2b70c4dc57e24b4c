/** `docs/benchmarks.md`: a table and a picture for each workload, between marks; what stands around them is written by hand. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, platform } from "node:os";
import { join } from "node:path";
import type { Workload } from "../workload.ts";
import { plotOf } from "./plot.ts";
import type { Result } from "./result.ts";

export type Measurement = { workload: Workload; results: readonly Result[]; runs: number; events: number };

/** Throws when the page has no place for this workload. */
export function writePage(docs: string, measurement: Measurement): void {
  const { workload, results } = measurement;
  const page = join(docs, "benchmarks.md");
  const text = withSection(readFileSync(page, "utf8"), workload.name, sectionOf(measurement));
  mkdirSync(join(docs, "benchmarks"), { recursive: true });
  writeFileSync(join(docs, "benchmarks", `${workload.name}.svg`), plotOf(workload, results));
  writeFileSync(page, text);
}

/** The page with another section between the marks of this name. */
export function withSection(page: string, name: string, section: string): string {
  const [begin, end] = [`<!-- ${name}: written by the bench -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for ${name}: it must have the lines ${begin} and ${end}.`);
  return `${page.slice(0, from + begin.length)}\n${section}\n${page.slice(to)}`;
}

function sectionOf({ workload, results, runs, events }: Measurement): string {
  const { name, measures } = workload;
  const columns = Object.entries(measures);
  const shown = (value: number | undefined, digits: number): string =>
    value === undefined || Number.isNaN(value)
      ? "–"
      : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const head = ["who", ...columns.map(([, { label }]) => label), "each once", "in order", "a confirmed event is"];
  const body = results.map(({ peer, at, durable, spreads, exact, ordered }) => [
    `${peer}, ${at}`,
    ...columns.map(([key, { digits }], index) => {
      const { median, min, max } = spreads[key] ?? {};
      return index === 0 && runs > 1 ? `${shown(median, digits)} (${shown(min, digits)}–${shown(max, digits)})` : shown(median, digits);
    }),
    exact ? "yes" : "**no**",
    ordered ? "yes" : "**no**",
    durable,
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const how = runs === 1 ? "One run" : `Medians of ${runs} runs`;
  const where = `${availableParallelism()} cores, ${platform()}, Node ${process.versions.node}`;
  return [
    `![${name}](benchmarks/${name}.svg)`,
    "",
    `${how} of ${events.toLocaleString("en")} events each, all side by side; ${where}.`,
    "",
    line(head),
    line(head.map(() => "---")),
    ...body.map(line),
  ].join("\n");
}
