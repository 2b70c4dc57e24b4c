import type { Step } from "./plan/step.ts";
import type { Result } from "./run-many.ts";
import type { Failure } from "./worker-protocol.ts";

const FINDINGS_SHOWN = 5;

export const describeFailure = ({ seed, findings: [first] }: Failure): string =>
  `Seed ${seed}: ${first?.invariant}: ${firstLine(first?.message)}\n`;

const firstLine = (text = ""): string => text.split("\n", 1)[0] ?? "";

/** The first failing seeds: what was found, the steps that it needs, and how to run it again. */
export function describeShrunk({ shrunk }: Result): string {
  const shown = shrunk.map(({ seed, without, plan, findings }) => {
    const left = without.length > 0 ? ` --without ${without.join()}` : "";
    return [
      `Seed ${seed}:`,
      ...findings.slice(0, FINDINGS_SHOWN).map(({ invariant, message }) => `  ${invariant}: ${message}`),
      ...plan.steps.map((step) => `  ${describeStep(step)}`),
      `  again: npm run sim -- --schedules 1 --seed ${seed}${left}`,
    ].join("\n");
  });
  return shown.map((text) => `${text}\n`).join("");
}

function describeStep(step: Step): string {
  const at = `${String(step.atMs).padStart(6)} ms`;
  const { kind, ...detail } = "act" in step ? step.act : step.fault;
  return `${at}  ${kind} ${JSON.stringify(detail)}`;
}
