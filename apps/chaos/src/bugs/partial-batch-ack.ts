import type { AppendItem, AppendOutcome, CommitBatch, Storage, VoidItem } from "@waybill/storage";

const EVERY = 5;

const laneOf = ({ from, home }: AppendItem | VoidItem): string | null => (from.kind === "numbered" ? `${from.producer} ${home}` : null);

/** The last event of a lane that has more than one in this batch; -1: there is none. */
function lastOfSeveral(items: CommitBatch["items"]): number {
  const lanes = items.map(laneOf);
  return lanes.findLastIndex((lane, at) => lane !== null && lanes.lastIndexOf(lane) === at && lanes.indexOf(lane) < at);
}

/** In every few batches the last event of a lane is not stored, and confirmed with those before it. */
export function confirmingTooMuch(storage: Storage): Storage {
  let count = 0;
  return {
    ...storage,
    async commit(batch: CommitBatch): Promise<AppendOutcome[]> {
      const at = lastOfSeveral(batch.items);
      const left = batch.items[at];
      if (left === undefined || count++ % EVERY > 0) return storage.commit(batch);
      const outcomes = await storage.commit({ ...batch, items: batch.items.toSpliced(at, 1) });
      const lane = laneOf(left);
      const before = outcomes[batch.items.findLastIndex((item, index) => index < at && laneOf(item) === lane)];
      if (before?.outcome === "stored") return outcomes.toSpliced(at, 0, { ...before, offset: before.offset + 1 });
      const [stored] = await storage.commit({ ...batch, items: [left], progress: [] });
      return stored ? outcomes.toSpliced(at, 0, stored) : outcomes;
    },
  };
}
