/** One zod object per program: its flags, environment, help and docs; and how a program starts, stops and fails. */
export * from "./command.ts";
export * from "./define-options.ts";
export { readDuration, writeDuration } from "./duration.ts";
export * from "./exit-codes.ts";
export { helpText } from "./help-text.ts";
export { type ParsedOptions, parseOptions } from "./parse-options.ts";
export { reportError } from "./report-error.ts";
export * from "./run-main.ts";
export { resolvePath, standingFolder } from "./standing-folder.ts";
export { toMarkdown } from "./to-markdown.ts";
export { UsageError } from "./usage-error.ts";
export { programVersion } from "./version-text.ts";
