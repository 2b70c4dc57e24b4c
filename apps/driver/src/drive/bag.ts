import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { parcelSchema, storeSchema, zoneSchema } from "@waybill/events";
import { z } from "zod";

const bagJobSchema = z.object({
  parcel: parcelSchema,
  store: storeSchema,
  zone: zoneSchema,
  /** The claim's epoch. */
  claim: z.int().positive(),
  /** Steps of its plan that are done: told and durable in the outbox. */
  done: z.int().nonnegative(),
  /** `return` once its store cancelled it after the pickup. */
  plan: z.enum(["deliver", "return"]),
});
export type BagJob = z.infer<typeof bagJobSchema>;
const bagSchema = z.object({ version: z.literal(1), jobs: z.array(bagJobSchema) });

/** The jobs that a simulated driver carries. */
export type Bag = {
  readonly jobs: ReadonlyMap<string, BagJob>;
  put(job: BagJob): void;
  remove(parcel: string): void;
};

/** A bag that a restart empties. */
export function memoryBag(): Bag {
  const jobs = new Map<string, BagJob>();
  return { jobs, put: (job) => void jobs.set(job.parcel, job), remove: (parcel) => void jobs.delete(parcel) };
}

/**
 * A bag in a file, so that a driver who is started again goes on where it was. Written whole at each change, beside and then
 * renamed, so a kill leaves the old or the new one. A step that was told but not noted is told again: a repeated scan.
 * Throws when the file is there and is no bag.
 */
export function fileBag(path: string): Bag {
  const jobs = new Map(readBag(path).map((job) => [job.parcel, job]));
  const save = (): void => {
    writeFileSync(`${path}.new`, JSON.stringify({ version: 1, jobs: [...jobs.values()] }));
    renameSync(`${path}.new`, path);
  };
  return {
    jobs,
    put(job) {
      jobs.set(job.parcel, job);
      save();
    },
    remove(parcel) {
      if (jobs.delete(parcel)) save();
    },
  };
}

function readBag(path: string): BagJob[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  try {
    return bagSchema.parse(JSON.parse(text)).jobs;
  } catch (cause) {
    throw new Error(`${path} does not hold a driver's jobs; move it away to start with none.`, { cause });
  }
}
