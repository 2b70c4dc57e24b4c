import { readFileSync, writeFileSync } from "node:fs";
import { type PlannedParcel, plannedParcelSchema } from "../plan/planned-parcel.ts";

/** The day as the workers read it: made and checked once, a line per parcel. */
export function writePlan(path: string, plan: readonly PlannedParcel[]): void {
  writeFileSync(path, plan.map((planned) => `${JSON.stringify(planned)}\n`).join(""));
}

export function readPlan(path: string): PlannedParcel[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => plannedParcelSchema.parse(JSON.parse(line)));
}
