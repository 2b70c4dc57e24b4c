/** Sorted, or merged, at once: a segment may have events of as many queues as it has events, and no commit waits until all of their names are sorted. */
const sliceTexts = 4_096;

/** As `sort` does it. Each `yield` ends a slice. */
export function* sortedInSlices(texts: readonly string[]): Generator<void, string[], void> {
  let lists: string[][] = [];
  for (let from = 0; from < texts.length; from += sliceTexts) {
    if (from > 0) yield;
    lists.push(texts.slice(from, from + sliceTexts).sort());
  }
  while (lists.length > 1) {
    const longer: string[][] = [];
    for (let i = 0; i < lists.length; i += 2) longer.push(yield* merged(lists[i] ?? [], lists[i + 1] ?? []));
    lists = longer;
  }
  return lists[0] ?? [];
}

function* merged(some: readonly string[], others: readonly string[]): Generator<void, string[], void> {
  const all: string[] = [];
  let next = 0;
  let end = sliceTexts;
  for (const text of some) {
    for (let other = others[next]; other !== undefined && other < text; other = others[++next]) all.push(other);
    all.push(text);
    if (all.length < end) continue;
    end = all.length + sliceTexts;
    yield;
  }
  return all.concat(others.slice(next));
}
