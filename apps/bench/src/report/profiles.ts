/** CPU profiles, by file: where the time went, without a viewer. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const profileSchema = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: z.object({ functionName: z.string(), url: z.string() }) })),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

const FILES_SHOWN = 15;
const WAITING = new Set(["(idle)"]);

/** One paragraph per profile: its busy time, and the files that took most of it. */
export function describeProfiles(folder: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith(".cpuprofile"));
  return files
    .sort()
    .map((file) => describeProfile(file, readFileSync(join(folder, file), "utf8")))
    .join("\n");
}

function describeProfile(name: string, text: string): string {
  const { nodes, samples, timeDeltas } = profileSchema.parse(JSON.parse(text));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFile = new Map<string, number>();
  let busyUs = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || WAITING.has(frame.functionName)) continue;
    const us = timeDeltas[index] ?? 0;
    const file = frame.url === "" ? frame.functionName : frame.url.replace(/^.*\/(?=(?:packages|apps|node_modules)\/)/, "");
    byFile.set(file, (byFile.get(file) ?? 0) + us);
    busyUs += us;
  }
  const rows = [...byFile].sort(([, a], [, b]) => b - a).slice(0, FILES_SHOWN);
  const lines = rows.map(
    ([file, us]) => `${(us / 1_000).toFixed(0).padStart(8)} ms ${((100 * us) / busyUs).toFixed(1).padStart(5)} %  ${file}`,
  );
  return [`${name}: ${(busyUs / 1_000).toFixed(0)} ms busy`, ...lines, ""].join("\n");
}
