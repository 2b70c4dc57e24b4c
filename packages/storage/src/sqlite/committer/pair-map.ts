/** Values by two texts. A joined key would be made and hashed for each look-up. */
export class PairMap<V> {
  private readonly rows = new Map<string, Map<string, V>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(one: string, other: string): V | undefined {
    return this.rows.get(one)?.get(other);
  }

  set(one: string, other: string, value: V): void {
    const row = this.rows.get(one) ?? new Map<string, V>();
    if (row.size === 0) this.rows.set(one, row);
    if (!row.has(other)) this.count += 1;
    row.set(other, value);
  }

  deleteWhere(isOver: (value: V) => boolean): void {
    for (const [one, row] of this.rows) {
      for (const [other, value] of row) if (isOver(value) && row.delete(other)) this.count -= 1;
      if (row.size === 0) this.rows.delete(one);
    }
  }

  clear(): void {
    this.rows.clear();
    this.count = 0;
  }
}
