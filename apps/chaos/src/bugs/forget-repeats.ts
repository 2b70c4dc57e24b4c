import type { AppendItem, Storage, VoidItem } from "@waybill/storage";

/** Who published, as far as repeats are recognised; `null`: the hub itself. */
function publisherOf({ from }: AppendItem | VoidItem): string | null {
  switch (from.kind) {
    case "numbered":
      return from.producer;
    case "plain":
      return from.subject;
    case "hub":
      return null;
  }
}

/** Repeats are stored again, unless they are among the last `remembers` events of their publisher. */
export function forgetful(storage: Storage, { remembers }: { remembers: number }): Storage {
  const recent = new Map<string, string[]>();

  function remember(item: AppendItem): void {
    const publisher = publisherOf(item);
    if (publisher === null) return;
    const ids = recent.get(publisher) ?? [];
    recent.set(publisher, ids);
    ids.push(item.id);
    if (ids.length > remembers) ids.shift();
  }

  return {
    ...storage,
    async commit(batch) {
      const outcomes = await storage.commit(batch);
      for (const [index, item] of batch.items.entries()) {
        if ("void" in item) continue;
        if (outcomes[index]?.outcome === "duplicate" && !recent.get(publisherOf(item) ?? "")?.includes(item.id)) {
          const [again] = await storage.commit({ nowMs: batch.nowMs, items: [{ ...item, from: { kind: "hub" } }], progress: [] });
          if (again) outcomes[index] = again;
        }
        remember(item);
      }
      return outcomes;
    },
  };
}
