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
/**
 * While the next segment fills from here to there the last one is sealed. Sooner it would take more of the time of those who publish, and where each
 * event has a queue of its own it takes as much as they do; later a start would have more to read.
 */
const sealedWhile = { from: 1 / 16, to: 7 / 8 };
/** So many times as long as a slice took that is not late, others have the processor, if they have something to do. */
const restTimes = 2;

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
  private restingUntilMs = 0;
  /** Something was committed since the last slice. */
  private isBusy = false;

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
  get hasWork(): boolean {
    return this.isNextSealing || this.nextErrand !== undefined;
  }
  /** Until there is something to do again of which nobody tells. */
  get restMs(): number {
    if (!this.mustSeal) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.max(this.pausedUntilMs, this.restingUntilMs) - performance.now());
  }
  private get mustSeal(): boolean {
    const oldest = this.state.index.segments[0];
    return this.sealing !== null || (oldest !== undefined && oldest.id < this.state.appender.openSegment);
  }
  /** Sealing is not where it is to be by now; it may have to do more than a slice between two commits for that. */
  get isLate(): boolean {
    const { index, appender } = this.state;
    const [oldest] = index.segments;
    if (oldest === undefined || oldest.id >= appender.openSegment) return false;
    const isNextClosed = oldest.id + 1 < appender.openSegment;
    const due = (appender.fullness - sealedWhile.from) / (sealedWhile.to - sealedWhile.from);
    return isNextClosed || this.sealer.events < oldest.events * due;
  }
  /** While sealing has to wait, only a trim is of use. */
  private get nextErrand(): OpenErrand | undefined {
    return this.mustSeal ? this.errands.find(({ call }) => call.method === "trim") : this.errands[0];
  }
  get isNextSealing(): boolean {
    if (!this.mustSeal) return false;
    const nowMs = performance.now();
    return nowMs >= this.pausedUntilMs && (nowMs >= this.restingUntilMs || this.isLate);
  }

  add(errand: { id: number; call: Errand }): void {
    this.errands.push({ ...errand, task: null });
  }
  committed(): void {
    this.isBusy = true;
  }
  pause(): void {
    this.pausedUntilMs = performance.now() + pauseMs;
  }

  /** Within a transaction: of the errand that was `current`, or of sealing. Answers the errand that it finished; to be told to `settle` after the commit. */
  step(current = this.current): Done | null {
    const errand = this.errands.find(({ id }) => id === current);
    if (errand === undefined) {
      this.sealSlice();
      return null;
    }
    errand.task ??= this.begin(errand.call);
    const step = errand.task.next();
    return step.done === true ? { id: errand.id, value: step.value } : null;
  }

  private sealSlice(): void {
    const sinceMs = performance.now();
    if (this.mustSeal) this.sealing ??= this.sealNext();
    if (this.sealing?.next().done === true) this.sealing = null;
    const nowMs = performance.now();
    this.restingUntilMs = this.isBusy ? nowMs + (nowMs - sinceMs) * restTimes : 0;
    this.isBusy = false;
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
