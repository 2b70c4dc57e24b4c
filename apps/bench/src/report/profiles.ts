/** Profiles by file: where the time went, or the memory, without a viewer. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const frameSchema = z.object({ functionName: z.string(), url: z.string() });
type Frame = z.infer<typeof frameSchema>;
const profileSchema = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: frameSchema })),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

type HeapNode = { callFrame: Frame; selfSize: number; children: HeapNode[] };
const heapNodeSchema: z.ZodType<HeapNode> = z.lazy(() =>
  z.object({ callFrame: frameSchema, selfSize: z.number(), children: z.array(heapNodeSchema) }),
);
const heapSchema = z.object({ head: heapNodeSchema });

const FILES_SHOWN = 15;
const WAITING = new Set(["(idle)"]);

/** One paragraph per profile: how much it was of all, and the files that took most of it. */
export function describeProfiles(folder: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith(".cpuprofile") || file.endsWith(".heapprofile"));
  return files
    .sort()
    .map((file) => {
      const profile: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
      return file.endsWith(".cpuprofile") ? describeTime(file, profile) : describeAllocations(file, profile);
    })
    .join("\n");
}

function describeTime(name: string, profile: unknown): string {
  const { nodes, samples, timeDeltas } = profileSchema.parse(profile);
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFile = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || WAITING.has(frame.functionName)) continue;
    const us = timeDeltas[index] ?? 0;
    byFile.set(fileOf(frame), (byFile.get(fileOf(frame)) ?? 0) + us);
  }
  return paragraph(byFile, { head: (sum) => `${name}: ${sum} busy`, shown: (us) => `${(us / 1_000).toFixed(0)} ms` });
}

function describeAllocations(name: string, profile: unknown): string {
  const byFile = new Map<string, number>();
  const left = [heapSchema.parse(profile).head];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    const file = fileOf(node.callFrame);
    if (node.selfSize > 0) byFile.set(file, (byFile.get(file) ?? 0) + node.selfSize);
    left.push(...node.children);
  }
  return paragraph(byFile, { head: (sum) => `${name}: ${sum} allocated`, shown: (bytes) => `${(bytes / 1e6).toFixed(1)} MB` });
}

const fileOf = ({ functionName, url }: Frame): string =>
  url === "" ? functionName : url.replace(/^.*\/(?=(?:packages|apps|node_modules)\/)/, "");

function paragraph(
  byFile: Map<string, number>,
  { head, shown }: { head: (sum: string) => string; shown: (amount: number) => string },
): string {
  const sum = [...byFile.values()].reduce((all, amount) => all + amount, 0);
  const rows = [...byFile].sort(([, a], [, b]) => b - a).slice(0, FILES_SHOWN);
  const lines = rows.map(([file, amount]) => `${shown(amount).padStart(11)} ${((100 * amount) / sum).toFixed(1).padStart(5)} %  ${file}`);
  return [head(shown(sum)), ...lines, ""].join("\n");
}
