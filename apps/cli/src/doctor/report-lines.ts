import { textOf } from "../output.ts";
import type { Check } from "./check.ts";

const STATUS_WIDTH = "warning".length;
const GAP = "  ";

/** The checks as lines: how it stands, with what, what was found; below it what to do. The verdict is the last line. */
export function reportLines(checks: readonly Check[], width: number): string[] {
  const nameWidth = Math.max(...checks.map(({ check }) => check.length));
  const indent = " ".repeat(STATUS_WIDTH + nameWidth + 2 * GAP.length);
  const room = Math.max(20, width - indent.length);
  const below = (text: string): string[] => wrapped(textOf(text), room);
  const lines = checks.flatMap((check) => {
    const [first = "", ...rest] = below(check.found);
    const head = [check.status.padEnd(STATUS_WIDTH), check.check.padEnd(nameWidth), first].join(GAP);
    const remedy = check.status === "ok" ? [] : below(`→ ${check.remedy}`);
    return [head, ...[...rest, ...remedy].map((line) => indent + line)];
  });
  return [...lines, "", verdict(checks)];
}

function verdict(checks: readonly Check[]): string {
  const count = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
  const [bad, doubtful] = [count("wrong"), count("warning")];
  if (bad === 0 && doubtful === 0) return `All ${checks.length} checks are ok.`;
  return `${bad} wrong, ${doubtful} ${doubtful === 1 ? "warning" : "warnings"}, ${count("ok")} ok.`;
}

/** At spaces; a word that is longer than the room stays whole, for it may be a path to copy. */
function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
