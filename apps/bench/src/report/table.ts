import type { Workload } from "../workload.ts";
import type { Result } from "./result.ts";

/** For people: a row for each result; the median, and below it the least and the most of the runs. */
export function tableOf({ name, summary, measures }: Workload, runs: number, results: readonly Result[]): string {
  const columns = Object.entries(measures);
  const shown = (value: number, digits: number): string =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const head = ["", ...columns.map(([, { label }]) => label), "exact", "ordered", "a confirmed event is"];
  const body = results.flatMap(({ peer, at, durable, spreads, exact, ordered }) => [
    [
      `${peer}, ${at}`,
      ...columns.map(([key, { digits }]) => shown(spreads[key]?.median ?? Number.NaN, digits)),
      exact ? "yes" : "NO",
      ordered ? "yes" : "NO",
      durable,
    ],
    ...(runs === 1
      ? []
      : [
          [
            "",
            ...columns.map(([key, { digits }]) => `${shown(spreads[key]?.min ?? 0, digits)}–${shown(spreads[key]?.max ?? 0, digits)}`),
            "",
            "",
            "",
          ],
        ]),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  const faults = results.flatMap((result) => result.faults.map((fault) => `${result.peer}, ${result.at}: ${fault}`));
  const notes = [runs === 1 ? "one run" : `medians of ${runs} runs, with the least and the most`, ...faults];
  return ["", `${name}: ${summary}`, "", line(head), ...body.map(line), "", ...notes, ""].join("\n");
}
