/** What can be broken, by the numbers of the fault table in docs/chaos.md; each with its variants and how long it lasts. */
export type FaultKind = "kill-hub" | "kill-client" | "stop" | "network" | "disk-full" | "disk-error" | "clock" | "exhaustion";

export type FaultShape = {
  /** As the fault table numbers it. */
  number: string;
  /** All equally likely. */
  variants: readonly string[];
  /** Least and most; of those that end by themselves: none. */
  lastsMs: readonly [number, number];
  /** In a long run so large a share of them lasts so long instead. */
  longer?: { share: number; lastsMs: readonly [number, number] };
};

/** Less of a kind: only these variants, only so long. */
export type Narrowed = Partial<Pick<FaultShape, "variants" | "lastsMs">>;

export const faultKinds: Readonly<Record<FaultKind, FaultShape>> = {
  "kill-hub": { number: "F1", variants: ["kill"], lastsMs: [0, 0] },
  // `between`: after the vendor's effect is committed and before its ack is sent.
  "kill-client": { number: "F3", variants: ["driver", "vendor", "vendor", "between", "plain", "fence"], lastsMs: [0, 0] },
  stop: {
    number: "F4",
    variants: ["hub", "driver", "vendor", "vendor", "plain", "fence"],
    lastsMs: [100, 3_500],
    longer: { share: 1 / 12, lastsMs: [4_000, 30_000] },
  },
  network: {
    number: "F5",
    variants: ["reset", "cut", "blackhole", "half-open-up", "half-open-down", "latency", "long-latency", "drip", "mid-frame", "one-byte"],
    lastsMs: [300, 2_500],
  },
  "disk-full": { number: "F7", variants: ["full", "full", "nth-write"], lastsMs: [300, 1_500] },
  "disk-error": { number: "F8", variants: ["sync", "write", "read"], lastsMs: [200, 500] },
  clock: { number: "F10", variants: ["+1h", "-1h", "+400d"], lastsMs: [0, 0] },
  exhaustion: { number: "F14", variants: ["never-reads", "never-reads", "stall", "few-files", "idle-sockets"], lastsMs: [1_000, 5_000] },
};

const names = Object.keys(faultKinds);
export const isFaultKind = (name: string): name is FaultKind => names.includes(name);
export const allFaultKinds: readonly FaultKind[] = names.filter(isFaultKind);

/** By name or by number (`F3`); `null`: there is none. */
export function faultKindOf(word: string): FaultKind | null {
  return allFaultKinds.find((kind) => kind === word || faultKinds[kind].number === word.toUpperCase()) ?? null;
}
