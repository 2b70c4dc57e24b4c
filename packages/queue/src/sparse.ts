/**
 * Collections that are empty nearly always, in an engine of which there are thousands: while there is no entry they hold nothing,
 * where V8 gives an empty map 184 bytes.
 */
const noEntries: ReadonlyMap<never, never> = new Map<never, never>();
const noItems: ReadonlySet<never> = new Set<never>();

export class SparseMap<K, V> {
  #map: Map<K, V> | null = null;

  constructor(entries?: Iterable<readonly [K, V]>) {
    if (entries === undefined) return;
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#map === null ? 0 : this.#map.size;
  }

  has(key: K): boolean {
    return this.#map?.has(key) ?? false;
  }

  get(key: K): V | undefined {
    return this.#map?.get(key);
  }

  set(key: K, value: V): void {
    this.#map ??= new Map();
    this.#map.set(key, value);
  }

  /** With the last one the map goes: V8 makes a smaller one each time that a map becomes empty, and that would stay. */
  delete(key: K): boolean {
    if (this.#map === null || this.#map.size > 1) return this.#map?.delete(key) ?? false;
    if (!this.#map.has(key)) return false;
    this.#map = null;
    return true;
  }

  /** Lets the memory go, too. */
  clear(): void {
    this.#map = null;
  }

  keys(): MapIterator<K> {
    return (this.#map ?? noEntries).keys();
  }

  values(): MapIterator<V> {
    return (this.#map ?? noEntries).values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return (this.#map ?? noEntries)[Symbol.iterator]();
  }
}

export class SparseSet<T> {
  #set: Set<T> | null = null;

  get size(): number {
    return this.#set === null ? 0 : this.#set.size;
  }

  has(item: T): boolean {
    return this.#set?.has(item) ?? false;
  }

  add(item: T): void {
    this.#set ??= new Set();
    this.#set.add(item);
  }

  delete(item: T): boolean {
    return this.#set?.delete(item) ?? false;
  }

  /** Lets the memory go, too. */
  clear(): void {
    this.#set = null;
  }

  [Symbol.iterator](): SetIterator<T> {
    return (this.#set ?? noItems)[Symbol.iterator]();
  }
}
