/**
 * What the hub keeps, as a disk would: the storage in memory behind a sync that takes its time, fails when it is told to, and dies
 * with its hub. Calls that write wait in line; those that wait together share a sync. A call is
 *
 *   waiting ── its sync begins ──► syncing ── done ──► stored, then answered
 *                                          ── refused (disk full, i/o error) ──► nothing of it is there, answered with the error
 *   waiting, syncing ── the hub dies ──► there or not, each whole, a first part of the line; answered to nobody
 */
import { HubError } from "@waybill/events";
import {
  type AppendItem,
  type AppendOutcome,
  type CommitBatch,
  createMemoryDisk,
  type MemoryDisk,
  openMemoryStorage,
  type Storage,
  type VoidItem,
} from "@waybill/storage";
import { hash32 } from "@waybill/testkit";
import { plantedBug } from "../bugs/catalogue.ts";
import type { Process, World } from "./world.ts";

/** An event as the disk has it, in the order of the commits. */
export type Kept = { queue: string; offset: number; id: string; type: string; parcel: string; body: Uint8Array; isHome: boolean };

type Call = { run: () => Promise<unknown>; resolve: (value: unknown) => void; reject: (error: unknown) => void };
type Line = { owner: Process; calls: Call[]; syncing: Call[]; isSyncing: boolean };

export class StorageModel {
  readonly kept: Kept[] = [];
  syncMs = 1;
  /** Every sync fails with this until it is taken away. */
  refuses: "STORAGE_FULL" | "STORAGE_FAILED" | null = null;
  readonly #world: World;
  #disk: MemoryDisk = createMemoryDisk();
  /** The planted bug: what is answered is on disk only some time later. */
  readonly #isLazy = plantedBug() === "ack-before-commit";
  #onDisk: MemoryDisk | null = null;
  #line: Line | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** For the hub that runs as `owner`. The one before is dead by then. */
  async open(owner: Process): Promise<Storage> {
    const inner = await openMemoryStorage({ disk: this.#disk });
    if (this.#isLazy) this.#syncLater(owner);
    const line: Line = { owner, calls: [], syncing: [], isSyncing: false };
    this.#line = line;
    const write = <T>(run: () => Promise<T>): Promise<T> =>
      new Promise<unknown>((resolve, reject) => {
        line.calls.push({ run, resolve, reject });
        this.#sync(line);
      }) as Promise<T>;
    return {
      ...this.#reads(inner, owner),
      commit: (batch) => write(() => this.#commit(inner, batch)),
      registerProducer: (...args) => write(() => inner.registerProducer(...args)),
      createSubscription: (...args) => write(() => inner.createSubscription(...args)),
      resetSubscription: (...args) => write(() => inner.resetSubscription(...args)),
      deleteSubscription: (...args) => write(() => inner.deleteSubscription(...args)),
      setTypes: (...args) => write(() => inner.setTypes(...args)),
      setPolicy: (...args) => write(() => inner.setPolicy(...args)),
      addNames: (...args) => write(() => inner.addNames(...args)),
      trim: (...args) => write(() => inner.trim(...args)),
    };
  }

  /** Its hub died: a first part of what waits came through, and nobody is told. */
  died(owner: Process): void {
    const line = this.#line;
    if (line?.owner !== owner) return;
    this.#line = null;
    if (this.#onDisk !== null) this.#disk = this.#onDisk;
    this.#onDisk = null;
    const all = [...line.syncing, ...line.calls];
    const through = all.slice(0, this.refuses ? 0 : this.#world.director.chance.int(0, all.length));
    for (const { run } of through) void run();
  }

  /** Reads take a moment, and see what is there when they begin or when they end. */
  #reads(inner: Storage, owner: Process): Storage {
    const moment = (): Promise<void> => new Promise((resolve) => this.#world.after(0.05 + owner.chance.next(), owner, resolve));
    const read = <A extends unknown[], T>(ask: (...args: A) => Promise<T>) => {
      return async (...args: A): Promise<T> => {
        const early = owner.chance.hit(0.5) ? ask(...args) : null;
        await moment();
        return early ?? ask(...args);
      };
    };
    return {
      ...inner,
      lanes: read(inner.lanes),
      read: read(inner.read),
      readOffsets: read(inner.readOffsets),
      subscription: read(inner.subscription),
      parkedChunk: read(inner.parkedChunk),
      deadLetters: read(inner.deadLetters),
      subscriptions: read(inner.subscriptions),
      claims: read(inner.claims),
      listClaims: read(inner.listClaims),
      hasNames: read(inner.hasNames),
      countKept: read(inner.countKept),
      groups: read(inner.groups),
      offsetAt: read(inner.offsetAt),
    };
  }

  #sync(line: Line): void {
    if (line.isSyncing || line.calls.length === 0) return;
    line.isSyncing = true;
    line.syncing = line.calls.splice(0);
    this.#world.after(this.syncMs * (0.3 + line.owner.chance.next()), line.owner, () => {
      const done = line.syncing;
      line.syncing = [];
      line.isSyncing = false;
      const refusal = this.refuses;
      for (const { run, resolve, reject } of done) {
        if (refusal) reject(new HubError(refusal, "The simulated disk refuses."));
        else run().then(resolve, reject);
      }
      this.#sync(line);
    });
  }

  #syncLater(owner: Process): void {
    this.#onDisk = structuredClone(this.#disk);
    this.#world.after(300, owner, () => this.#syncLater(owner));
  }

  #commit(inner: Storage, batch: CommitBatch): Promise<AppendOutcome[]> {
    return inner.commit(batch).then((outcomes) => {
      for (const [index, outcome] of outcomes.entries()) this.#keep(batch.items[index], outcome);
      return outcomes;
    });
  }

  #keep(item: AppendItem | VoidItem | undefined, outcome: AppendOutcome): void {
    if (outcome.outcome !== "stored" || item === undefined || "void" in item) return;
    const { id, type, parcel, body, home } = item;
    this.kept.push({ queue: home, offset: outcome.offset, id, type, parcel, body, isHome: true });
    for (const [at, { queue, event }] of item.copies.entries()) {
      const fact = event ? { id: event.id, type: event.type, body: event.body } : { id, type, body };
      this.kept.push({ queue, offset: outcome.copyOffsets[at] ?? 0, ...fact, parcel, isHome: false });
    }
    this.#world.note(hash32(`${home} ${id}`), outcome.offset);
  }
}
