import { checks } from "./findings.ts";
import type { VerifyReport } from "./verify-folder.ts";

const counted = {
  queues: "queues",
  events: "events",
  copies: "copies of events in other queues",
  lanes: "lanes of numbered producers",
  voids: "numbers without an event",
  plainIds: "ids of plain producers",
  tailCommits: "commits in the tail",
  segments: "sealed segments",
  runs: "runs in them",
  subscriptions: "subscriptions with progress",
  attempts: "events with attempts",
  parked: "parked events",
  deadLetters: "dead letters",
  claims: "claims",
} as const satisfies Record<keyof VerifyReport["counts"], string>;

/** For people: what was counted, what was looked at, and each finding with its place. */
export function describeReport(path: string, report: VerifyReport): string {
  const { counts, findings, findingsCount, format, storageId, epoch, readAs } = report;
  const isCounted = (key: string): key is keyof typeof counted => Object.hasOwn(counted, key);
  const numbers = Object.keys(counted)
    .filter(isCounted)
    .map((key) => ({ number: counts[key].toLocaleString("en"), what: counted[key] }));
  const width = Math.max(...numbers.map(({ number }) => number.length));
  const rows = numbers.map(({ number, what }) => `${number.padStart(width)}  ${what}`);
  const where = readAs === "a copy" ? " (read as a copy in a temporary folder: it could not be read in place)" : "";
  return [
    `${path}: format ${format}, storage ${storageId ?? "not written yet"}, opened ${epoch} times${where}`,
    ...rows.map((row) => `  ${row}`),
    ...Object.entries(checks).map(([check, what]) => {
      const found = findings.filter((finding) => finding.check === check).length;
      return `${found === 0 ? "ok   " : "FAULT"} ${check}: ${what}`;
    }),
    ...findings.map(({ check, where: place, what }) => `FAULT ${check}: ${place}: ${what}`),
    ...(findingsCount > findings.length ? [`… and ${(findingsCount - findings.length).toLocaleString("en")} more`] : []),
    findingsCount === 0
      ? "The data folder is whole."
      : `The data folder is NOT whole: ${findingsCount.toLocaleString("en")} faults. Keep it, and restore the latest backup.`,
    "",
  ].join("\n");
}
