/** Stands where the hub expects its committer: that itself, or one that hands a subscription's write to the storage while the one before it is under way. */
import { type Committer, createCommitter as create } from "@waybill/hub/src/commit/committer.ts";
import type { CommitBatch, Storage } from "@waybill/storage";
import { plantedBug } from "./catalogue.ts";

export type { Committer };

const nameOf = ({ key }: Pick<CommitBatch["progress"][number], "key">): string => `${key.queue} ${key.group}`;

export function createCommitter(parts: Parameters<typeof create>[0]): Committer {
  if (plantedBug() !== "written-past-a-failure") return create(parts);
  const { storage, clock } = parts;
  const underWay = new Set<string>();
  const commit: Storage["commit"] = async (batch) => {
    const names = batch.progress.map(nameOf);
    for (const name of names) underWay.add(name);
    try {
      return await storage.commit(batch);
    } finally {
      for (const name of names) underWay.delete(name);
    }
  };
  const committer = create({ ...parts, storage: { ...storage, commit } });
  return {
    ...committer,
    progress(of, one) {
      const { key } = of;
      if (!underWay.has(nameOf({ key }))) {
        committer.progress(of, one);
        return;
      }
      const { commit: number, write } = one;
      storage.commit({ nowMs: clock.nowMs(), items: [], progress: [{ key, epoch: storage.info.epoch, write }] }).then(
        () => of.written(number),
        (error: unknown) => of.unwritten(number, error),
      );
    },
  };
}
