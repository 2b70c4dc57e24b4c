/** Rows of one write, so that a table's columns are as wide as most of it needs and a long list grows no memory. */
export async function* inBatches<T>(items: AsyncIterable<T>, size = 200): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
