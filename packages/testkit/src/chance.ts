/** Seeded chance: the same seed draws the same numbers on every machine. sfc32, seeded through splitmix32. */
export type Chance = {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True so often, of 1. */
  hit(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** A stream of its own, by name: draws from one never move another. */
  split(name: string): Chance;
};

export function createChance(seed: number | string): Chance {
  const next = sfc32(hash32(String(seed)));
  const chance: Chance = {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    hit: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError("pick: the list is empty.");
      return item;
    },
    shuffle: (items) => {
      // Keyed sort instead of swaps: no index arithmetic to get wrong, and equal keys do not occur in practice.
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
    split: (name) => createChance(`${seed}/${name}`),
  };
  return chance;
}

/** FNV-1a over the text's UTF-16 units. Also good for spreading names over workers. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

function splitmix32(state: number): () => number {
  let a = state;
  return () => {
    a = (a + 0x9e3779b9) | 0;
    let t = Math.imul(a ^ (a >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
}

function sfc32(seed: number): () => number {
  const fill = splitmix32(seed);
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}
