/**
 * What programs of the outside wrote down of themselves, and what stores have in their own databases. It outlives every process, and
 * imports nothing of the hub.
 */

/** One event that a program published, and what it was told of it. */
export type Publication = {
  id: string;
  by: string;
  parcel: string;
  store: string;
  /** Counted by publisher and parcel: the order in which it was published. */
  n: number;
  print: string;
  /** It was durable in an outbox that survives its process. */
  isKept: boolean;
  isConfirmed: boolean;
  /** As told with the answer; 0: not told. */
  offset: number;
  refusedWith: string | null;
  /** Hub time before which nobody may be offered it; null: at once. */
  notBeforeMs: number | null;
};

/** One row of a store's own table: an event's effect, once per subscription and offset. */
export type Effect = {
  queue: string;
  group: string;
  offset: number;
  redrive: number;
  id: string;
  parcel: string;
  print: string;
  by: string;
};

/** A call of a handler. `done`: it returned while it held its lease, so its process must not call it again for the same delivery. */
export type Run = { client: number; key: string; id: string; isDone: boolean };

export type Invariant = "I1" | "I2" | "I3" | "I4" | "I6" | "I7" | "I8" | "I10" | "I11" | "I12" | "D1" | "R1" | "crash" | "engine" | "wire";
export const invariants: readonly Invariant[] = [
  ...(["I1", "I2", "I3", "I4", "I6", "I7", "I8", "I10", "I11", "I12"] as const),
  ...(["D1", "R1", "crash", "engine", "wire"] as const),
];
export type Finding = { invariant: Invariant; message: string };

export class History {
  readonly publications = new Map<string, Publication>();
  readonly effects: Effect[] = [];
  readonly findings: Finding[] = [];
  /** Dead letters that somebody asked to delete: `queue group offset`. */
  readonly discarded = new Set<string>();
  /** Offsets that a group was told are gone: `queue group`, from, to. */
  readonly gaps: { of: string; from: number; to: number }[] = [];
  /** `parcel driver claim`: a driver was told that the job is his. */
  readonly taken: { parcel: string; driver: string; claim: number }[] = [];
  readonly #counts = new Map<string, number>();
  readonly #rows = new Set<string>();
  readonly #done = new Set<string>();
  /** The latest token that a handler began with, of each subscription and parcel. */
  readonly #guards = new Map<string, readonly [epoch: number, counter: number]>();

  find(invariant: Invariant, message: string): void {
    this.findings.push({ invariant, message });
  }

  /** The next number of this publisher about this parcel. */
  count(by: string, parcel: string): number {
    const n = (this.#counts.get(`${by} ${parcel}`) ?? 0) + 1;
    this.#counts.set(`${by} ${parcel}`, n);
    return n;
  }

  began(client: string, key: string, id: string): void {
    if (this.#done.has(`${client} ${key}`))
      this.find("I3", `${id}: its handler had returned for ${key}, and was called again in the same process.`);
  }

  /** Somebody was offered the event, when no hub's clock had gone beyond `hubMs`. A redrive goes at once. */
  offered(id: string, { hubMs, redrive }: { hubMs: number; redrive: number }): void {
    const notBeforeMs = this.publications.get(id)?.notBeforeMs ?? null;
    if (redrive > 0 || notBeforeMs === null || hubMs >= notBeforeMs) return;
    this.find("D1", `${id} was offered ${notBeforeMs - hubMs} ms before its time.`);
  }

  /** A publisher was told that the store has handled its event: it has, or somebody has deleted its dead letter. */
  processed(id: string, { queue, offset }: { queue: string; offset: number }): void {
    const row = `${queue} main ${offset}`;
    if (this.#rows.has(row) || this.discarded.has(row)) return;
    this.find("R1", `${id} (${queue} ${offset}) was told as processed, and its store has not handled it.`);
  }

  done(client: string, key: string): void {
    this.#done.add(`${client} ${key}`);
  }

  /** A handler says which token it works under. */
  guard(of: string, token: string): void {
    const [epoch, counter] = parts(token);
    const latest = this.#guards.get(of);
    if (latest === undefined || isNewer([epoch, counter], latest)) this.#guards.set(of, [epoch, counter]);
  }

  /** A write that matters: refused when a later token was seen, ignored when its row is there. False: refused. */
  apply(effect: Effect, { of, token }: { of: string; token: string }): boolean {
    const latest = this.#guards.get(of);
    if (latest !== undefined && isNewer(latest, parts(token))) return false;
    const row = `${effect.queue} ${effect.group} ${effect.offset}`;
    if (this.#rows.has(row)) return true;
    this.#rows.add(row);
    this.effects.push(effect);
    return true;
  }
}

type Token = readonly [epoch: number, counter: number];

function parts(token: string): Token {
  const [epoch = 0, counter = 0] = token.split(".").map(Number);
  return [epoch, counter];
}

const isNewer = (a: Token, b: Token): boolean => a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
