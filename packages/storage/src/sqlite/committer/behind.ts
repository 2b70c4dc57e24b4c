/**
 * The work behind the confirm, one transaction a step: sealing first, then errands (trims and redactions) in their order.
 * A step that fails leaves everything as it was; sealing is then tried again a little later, since it may be the disk
 * that is full, and a trim can go on meanwhile.
 */
import type { DatabaseSync } from "node:sqlite";
import { int } from "../columns.ts";
import type { Errand, ReplyValue } from "../protocol.ts";
import { plainRecentMax } from "../words.ts";
import { redact } from "./redact.ts";
import { Sealer } from "./sealer.ts";
import type { State } from "./state.ts";
import { trim } from "./trim.ts";

const pauseMs = 250;

type Task<T> = Generator<void, T, void>;
type OpenErrand = { id: number; call: Errand; task: Task<ReplyValue> | null };
export type Done = { id: number; value: ReplyValue };

export class Behind {
  private readonly db: DatabaseSync;
  private readonly state: State;
  private readonly errands: OpenErrand[];
  private readonly sealer: Sealer;
  private sealing: Task<void> | null = null;
  private pausedUntilMs = 0;

  /** Errands that an earlier state left undone begin again. */
  constructor(db: DatabaseSync, state: State, errands: readonly { id: number; call: Errand }[] = []) {
    this.db = db;
    this.state = state;
    this.sealer = new Sealer(db, state.written);
    this.errands = errands.map(({ id, call }) => ({ id, call, task: null }));
  }

  get undone(): readonly { id: number; call: Errand }[] {
    return this.errands;
  }
  get isPaused(): boolean {
    return performance.now() < this.pausedUntilMs;
  }
  get hasWork(): boolean {
    return (this.mustSeal && !this.isPaused) || this.nextErrand !== undefined;
  }
  private get mustSeal(): boolean {
    const oldest = this.state.index.segments[0];
    return this.sealing !== null || (oldest !== undefined && oldest.id < this.state.appender.openSegment);
  }
  /** Sealing is to be done when the next segment is half full; it may have to do more than a slice between two commits for that. */
  get isLate(): boolean {
    const { index, appender } = this.state;
    const [oldest] = index.segments;
    if (oldest === undefined || oldest.id >= appender.openSegment) return false;
    const isNextClosed = oldest.id + 1 < appender.openSegment;
    return isNextClosed || this.sealer.events < oldest.events * appender.fullness * 2;
  }
  /** While sealing has to wait, only a trim is of use. */
  private get nextErrand(): OpenErrand | undefined {
    return this.mustSeal ? this.errands.find(({ call }) => call.method === "trim") : this.errands[0];
  }
  get isNextSealing(): boolean {
    return this.mustSeal && !this.isPaused;
  }

  add(errand: { id: number; call: Errand }): void {
    this.errands.push({ ...errand, task: null });
  }
  pause(): void {
    this.pausedUntilMs = performance.now() + pauseMs;
  }

  /** Within a transaction. Answers the errand that it finished; to be told to `settle` after the commit. */
  step(): Done | null {
    if (this.isNextSealing) {
      this.sealing ??= this.sealNext();
      if (this.sealing.next().done === true) this.sealing = null;
      return null;
    }
    const errand = this.nextErrand;
    if (errand === undefined) return null;
    errand.task ??= this.begin(errand.call);
    const step = errand.task.next();
    return step.done === true ? { id: errand.id, value: step.value } : null;
  }

  private begin(call: Errand): Task<ReplyValue> {
    const { db, state } = this;
    if (call.method === "redact") return redact(db, state, call);
    return trim(db, { heads: state.heads, tailEvents: state.index.events }, call);
  }

  /** The errand is answered, by its value or by a failure. */
  settle(id: number): void {
    const index = this.errands.findIndex((errand) => errand.id === id);
    if (index >= 0) this.errands.splice(index, 1);
  }
  get current(): number | null {
    return this.isNextSealing ? null : (this.nextErrand?.id ?? null);
  }

  private *sealNext(): Task<void> {
    const { state, sealer } = this;
    const first = int(this.db.prepare("SELECT ifnull(min(seq), 0) AS seq FROM tail").get() ?? {}, "seq");
    if (first > 0 && first <= state.sealed.lastSeq) yield* sealer.sweep(first, state.sealed.lastSeq);
    const segment = state.index.segments[0];
    if (segment === undefined || segment.id >= state.appender.openSegment) return;
    yield* sealer.seal(segment, plainRecentMax);
    yield;
    // The segment's row is committed: from here on its runs are what counts.
    state.sealed = { segment: segment.id, lastSeq: segment.lastSeq };
    state.index.dropThrough(segment.id);
    state.written.dropThrough(segment.lastSeq);
    sealer.events = 0;
    state.events.forget();
    for (const part of [state.heads, state.lanes, state.plainIds]) part.sealedThrough(segment.id);
    yield* sealer.sweep(segment.firstSeq, segment.lastSeq, segment.bytes);
  }
}
