import { z } from "zod";
import { exitCodes } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

/** Errors that were foreseen carry a code: those of the hub, and those of the operating system. */
const codedSchema = z.object({
  code: z.string(),
  message: z.string(),
  retry: z.string().optional(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** What to do about a code; the programs pass the contract's table. */
export type Advise = (code: string) => string | undefined;

const systemAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: "Another program listens there. Stop it, or choose another port.",
  EACCES: "This user may not do that. Check the owner and the rights of the file or port.",
  ENOENT: "There is no such file. Check the path; relative ones are meant from where you stand.",
  EISDIR: "A file is needed, this is a folder.",
  ENOSPC: "The disk is full. Free some space and start again.",
  ECONNREFUSED: "Nothing listens there. Start the hub first: npm run hub.",
};

export type Report = { text: string; exitCode: number };

/** The text for standard error, ending in a newline, and the exit code. A foreseen error has no stack trace; a bug has one. */
export function reportError(error: unknown, advise: Advise = () => undefined): Report {
  if (error instanceof UsageError) {
    const lines = error.faults.map((fault) => `error USAGE: ${fault}`);
    return { text: block([...lines, error.seeAlso]), exitCode: exitCodes.usage };
  }
  const coded = codedSchema.safeParse(error);
  // Node's own programming errors (ERR_…) are bugs too, although they have a code.
  if (!coded.success || coded.data.code.startsWith("ERR_")) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { text: block([`error UNEXPECTED: ${detail}`, "This is a fault in Waybill."]), exitCode: exitCodes.failed };
  }
  const { code, message, retry, issues = [] } = coded.data;
  const details = issues.map((issue) => `  ${issue.path === "" ? "" : `${issue.path}: `}${issue.message}`);
  return {
    text: block([`error ${code}: ${message}`, ...details, advise(code) ?? systemAdvice[code]]),
    exitCode: retry === "never" ? exitCodes.refused : exitCodes.failed,
  };
}

function block(lines: readonly (string | undefined)[]): string {
  return lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join("");
}
