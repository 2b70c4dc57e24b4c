import { existsSync } from "node:fs";
import { join } from "node:path";
import { command, exitCodes, runMain, UsageError } from "@waybill/options";
import { describeReport, verifyFolder } from "@waybill/storage";
import { adviseOn } from "../advise.ts";
import { verifyOptions } from "./options.ts";

await runMain(
  command(verifyOptions, async ({ options, positionals: [path = ""] }) => {
    if (!existsSync(join(path, "waybill.db")))
      throw new UsageError([`${path} is no data folder: it has no waybill.db. Name the folder that a hub was given as --data.`], "");
    const report = verifyFolder(path);
    process.stdout.write(
      options.json ? `${JSON.stringify({ ok: report.findingsCount === 0, ...report })}\n` : describeReport(path, report),
    );
    return report.findingsCount === 0 ? exitCodes.ok : exitCodes.failed;
  }),
  { advise: adviseOn },
);
