import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { Admin } from "@waybill/client";
import { type AddNames, driverSchema, storeSchema, zoneSchema } from "@waybill/events";
import { type Command, command, defineOptions, exitCodes, UsageError } from "@waybill/options";
import { z } from "zod";
import { adminOptions } from "../admin-options.ts";
import { type BadId, nameHint, type ReadIds, readIds } from "../import/read-ids.ts";
import type { Output } from "../output.ts";
import { pages } from "../pages.ts";
import { withAdmin } from "../with-admin.ts";

type NameKind = AddNames["kind"];

const exampleIds = { store: "acme-widgets 1-206-flowers", driver: "dana ben", zone: "north south" } as const;

/** The most ids of one request; the wire's limit. */
const IDS_PER_REQUEST = 1_000;
const schemas = { store: storeSchema, driver: driverSchema, zone: zoneSchema } as const;
/** Bad ids that are shown; the file has the rest. */
const BAD_SHOWN_MAX = 20;

/** `store add`, `store import`, `store ls`, and the same for drivers and zones. */
export const nameCommands = (kind: NameKind): Record<string, Command> => ({
  [`${kind} add`]: addCommand(kind),
  [`${kind} import`]: importCommand(kind),
  [`${kind} ls`]: listCommand(kind),
});

function addCommand(kind: NameKind): Command {
  const definition = defineOptions({
    name: `waybill ${kind} add`,
    summary: `Makes ${kind}s known to the hub.`,
    usage: `npm run waybill -- ${kind} add`,
    examples: [{ command: `npm run waybill -- ${kind} add ${exampleIds[kind]}`, does: "known from now on" }],
    positionals: { placeholder: "ID", describe: `The ${kind}: ${nameHint}.`, min: 1, max: 100_000 },
    options: z.strictObject(adminOptions),
  });
  return command(definition, async ({ options, positionals, signal }) => {
    const bad = positionals.filter((id) => !schemas[kind].safeParse(id).success);
    if (bad.length > 0) throw new UsageError(bad.map((id) => `${JSON.stringify(id.slice(0, 80))} is no name of a ${kind}: ${nameHint}.`));
    return withAdmin(options, signal, ({ admin, out }) => addAll({ admin, out, kind, ids: [...new Set(positionals)], skipped: 0 }));
  });
}

function importCommand(kind: NameKind): Command {
  const definition = defineOptions({
    name: `waybill ${kind} import`,
    summary: `Makes the ${kind}s of a file known to the hub: one id per line, or a column of CSV, plain or gzip.`,
    usage: `npm run waybill -- ${kind} import`,
    examples: [{ command: `npm run waybill -- ${kind} import orders.csv.gz`, does: `all that its column ${kind}_id names` }],
    positionals: { placeholder: "FILE", describe: "The file; - is standard input.", min: 1, path: true },
    options: z.strictObject({
      column: z
        .string()
        .optional()
        .describe(`The column to read. Default: ${kind} or ${kind}_id, if the file names columns.`)
        .meta({ placeholder: "NAME" }),
      lowerCase: z.boolean().default(false).describe("Fold upper case into lower case first."),
      skipBad: z.boolean().default(false).describe("Leave bad ids out and add the rest. Default: add nothing when one is bad."),
      ...adminOptions,
    }),
  });
  return command(definition, async ({ options, positionals: [path = "-"], signal }) => {
    const { ids, bad } = idsOf(await readText(path), { kind, column: options.column, lowerCase: options.lowerCase });
    if (bad.length > 0) reportBad(bad);
    if (bad.length > 0 && !options.skipBad) {
      process.stderr.write(`Nothing was added. Mend the file, or add its ${ids.length} good ids with --skip-bad.\n`);
      return exitCodes.failed;
    }
    return withAdmin(options, signal, ({ admin, out }) => addAll({ admin, out, kind, ids, skipped: bad.length }));
  });
}

function listCommand(kind: NameKind): Command {
  const definition = defineOptions({
    name: `waybill ${kind} ls`,
    summary: `Lists the ${kind}s that the hub knows, by name.`,
    usage: `npm run waybill -- ${kind} ls`,
    examples: [{ command: `npm run waybill -- ${kind} ls --json`, does: "an id a line, for a program" }],
    options: z.strictObject({
      after: z.string().optional().describe("Begin behind this id.").meta({ placeholder: "ID" }),
      ...adminOptions,
    }),
  });
  return command(definition, ({ options, signal }) =>
    withAdmin(options, signal, async ({ admin, out }) => {
      const ask = (after = options.after) => admin.ask("names:list", after === undefined ? { kind } : { kind, after });
      for await (const { ids } of pages(ask, (page) => page.ids.at(-1)))
        await out.rows(
          ["id"],
          ids.map((id) => ({ id })),
        );
    }),
  );
}

async function addAll({
  admin,
  out,
  kind,
  ids,
  skipped,
}: {
  admin: Admin;
  out: Output;
  kind: NameKind;
  ids: string[];
  skipped: number;
}): Promise<void> {
  let added = 0;
  let known = 0;
  for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
    const answer = await admin.ask("names:add", { kind, ids: ids.slice(at, at + IDS_PER_REQUEST) });
    added += answer.added;
    known += answer.known;
  }
  await out.say(`${added} ${kind}s added, ${known} were known${skipped > 0 ? `, ${skipped} bad ones left out` : ""}.`, {
    kind,
    added,
    known,
    skipped,
  });
}

/** Throws UsageError when the column cannot be found or the file is no CSV. */
function idsOf(text: string, { kind, column, lowerCase }: { kind: NameKind; column: string | undefined; lowerCase: boolean }): ReadIds {
  try {
    return readIds(text, { column, lowerCase, knownColumns: [kind, `${kind}_id`], schema: schemas[kind] });
  } catch (error) {
    throw new UsageError([error instanceof Error ? error.message : String(error)]);
  }
}

function reportBad(bad: readonly BadId[]): void {
  for (const { line, id, reason, times } of bad.slice(0, BAD_SHOWN_MAX)) {
    process.stderr.write(`line ${line}: ${JSON.stringify(id)} is refused, ${reason}${times > 1 ? ` (${times} lines)` : ""}\n`);
  }
  if (bad.length > BAD_SHOWN_MAX) process.stderr.write(`… and ${bad.length - BAD_SHOWN_MAX} more bad ids\n`);
}

async function readText(path: string): Promise<string> {
  const bytes = path === "-" ? await readStdin() : await readFile(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isGzip ? gunzipSync(bytes) : bytes).toString();
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
