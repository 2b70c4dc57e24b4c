const slotsAtFirst = 16;
const idBytesAtFirst = 40;
const none = -1;

/**
 * The latest ids of one subject, `max` of them at most, each with where its event lies; the oldest gives way. There is no object and no text
 * for an id: those would outlive ten commits, and be copied and swept by the collector of garbage.
 *
 * A ring of slots. Slots whose ids' hashes end in the same bits are a chain, the latest first.
 */
export class RecentIds {
  count = 0;
  private readonly max: number;
  /** A power of two. */
  private readonly slots: number;
  /** Room for the longest id so far. */
  private readonly idBytes: number;
  private oldest = 0;
  private readonly ids: Uint8Array;
  private readonly lengths: Int32Array;
  private readonly hashes: Int32Array;
  private readonly chains: Int16Array;
  private readonly next: Int16Array;
  private readonly offsets: Float64Array;
  private readonly places: string[] = [];

  /** `max`: up to 16,384. */
  constructor(max: number, { slots, idBytes } = { slots: slotsAtFirst, idBytes: idBytesAtFirst }) {
    this.max = max;
    this.slots = slots;
    this.idBytes = idBytes;
    this.ids = new Uint8Array(slots * idBytes);
    this.lengths = new Int32Array(slots);
    this.hashes = new Int32Array(slots);
    this.chains = new Int16Array(slots).fill(none);
    this.next = new Int16Array(slots);
    this.offsets = new Float64Array(slots);
  }

  /** The slot of the id in these bytes, until the next `add`; -1: it is not among them. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    let slot = this.chains[hash & (this.slots - 1)] ?? none;
    while (slot !== none && !(this.hashes[slot] === hash && this.isIn(slot, bytes, from, to))) slot = this.next[slot] ?? none;
    return slot;
  }

  place(slot: number): string {
    return this.places[slot] ?? "";
  }

  offset(slot: number): number {
    return this.offsets[slot] ?? 0;
  }

  /** One that is not among them. */
  add(bytes: Uint8Array, from: number, to: number, { place, offset }: { place: string; offset: number }): void {
    if (this.count === this.max) this.forgetOldest();
    if (this.count === this.slots || to - from > this.idBytes) this.grow(to - from);
    const slot = (this.oldest + this.count) & (this.slots - 1);
    const start = slot * this.idBytes;
    for (let i = from; i < to; i++) this.ids[start + i - from] = bytes[i] ?? 0;
    this.lengths[slot] = to - from;
    this.places[slot] = place;
    this.offsets[slot] = offset;
    const hash = hashOf(bytes, from, to);
    const chain = hash & (this.slots - 1);
    this.hashes[slot] = hash;
    this.next[slot] = this.chains[chain] ?? none;
    this.chains[chain] = slot;
    this.count += 1;
  }

  /** Those of `others`, in their order. None is in both. */
  addAll(others: RecentIds): void {
    for (let i = 0; i < others.count; i++) {
      const slot = (others.oldest + i) & (others.slots - 1);
      const from = slot * others.idBytes;
      this.add(others.ids, from, from + (others.lengths[slot] ?? 0), { place: others.place(slot), offset: others.offset(slot) });
    }
  }

  private isIn(slot: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (this.lengths[slot] !== to - from) return false;
    const start = slot * this.idBytes;
    for (let i = from; i < to; i++) if (this.ids[start + i - from] !== bytes[i]) return false;
    return true;
  }

  private forgetOldest(): void {
    const { oldest, next } = this;
    const chain = (this.hashes[oldest] ?? 0) & (this.slots - 1);
    let before = this.chains[chain] ?? none;
    if (before === oldest) this.chains[chain] = none;
    else {
      while (next[before] !== oldest) before = next[before] ?? none;
      next[before] = none;
    }
    this.oldest = (oldest + 1) & (this.slots - 1);
    this.count -= 1;
  }

  private grow(idBytes: number): void {
    const slots = this.count === this.slots ? this.slots * 2 : this.slots;
    const larger = new RecentIds(this.max, { slots, idBytes: Math.max(idBytes, this.idBytes) });
    larger.addAll(this);
    Object.assign(this, larger);
  }
}

/** FNV-1a. Who chooses ids of one hash slows down the look-up of his own. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}
