/**
 * A runner gives an engine what it asks for: storage, sockets and time. States:
 *
 *   opening   – the row is read from storage; inputs wait.        → running, or → over (storage failed)
 *   running   – inputs are applied once a turn of the loop; effects are carried out.
 *   reloading – a commit failed: what the engine thinks is void.  → running, with the row read again
 *   resetting – the group gets another place; no engine runs.     → running, with the row read again
 *   over      – closed, idle for too long, or the storage failed. The registry makes a new one when asked.
 */
import { MAIN_GROUP, type Settle } from "@waybill/events";
import { type Credit, createEngine, type Engine, type EngineEffect, type EngineInput, type Entry, type ResetWrite } from "@waybill/queue";
import type { SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import { nameOf, type Writer } from "../commit/writer.ts";
import type { SettleWatch } from "../receipts/receipt-desk.ts";
import { type Alarm, createAlarm } from "./alarm.ts";
import { CommitWatch, unsteady } from "./commit-watch.ts";
import { type Consumer, subscribeInput, type TokenRange } from "./consumer.ts";
import { withBodies } from "./dead-letter.ts";
import { EmptyHands } from "./empty-hands.ts";
import { Inputs } from "./inputs.ts";
import { canWait } from "./patience.ts";
import { reloadWaitMs } from "./reload-wait.ts";
import type { RunnerParts } from "./runner-parts.ts";
import { Seats } from "./seats.ts";
import { Tokens } from "./token-base.ts";

export class Runner implements Writer {
  readonly key: SubscriptionKey;
  readonly name: string;
  readonly #parts: RunnerParts;
  readonly #settles: SettleWatch | null;
  #state: "opening" | "running" | "reloading" | "resetting" | "over" = "opening";
  readonly #opening: Promise<void>;
  /** The last reset, for those who must not end in the middle of it. */
  #reset: Promise<void> = Promise.resolve();
  #engine: Engine | null = null;
  #row: SubscriptionRow | null = null;
  readonly #inputs = new Inputs();
  readonly #tokens: Tokens;
  #isScheduled = false;
  #commitsUnderWay = 0;
  /** Since the last commit that succeeded. */
  #failures = 0;
  #emptySinceMs: number;
  #isStopped = false;
  readonly #seats = new Seats();
  readonly #watch = new CommitWatch();
  readonly #emptyHands = new EmptyHands();
  #alarm: Alarm | null = null;

  constructor(key: SubscriptionKey, parts: RunnerParts) {
    this.key = key;
    this.name = nameOf(key);
    this.#parts = parts;
    this.#settles = key.group === MAIN_GROUP ? parts.settles : null;
    this.#tokens = new Tokens(parts.epoch);
    this.#emptySinceMs = parts.clock.nowMs();
    this.#opening = this.#open();
    this.#opening.catch(() => this.#end());
  }

  /** Resolves when the row was read; rejects when the storage failed. */
  async opened(): Promise<SubscriptionRow> {
    await this.#opening;
    if (!this.#row) throw new Error("an opened runner has its row");
    return this.#row;
  }

  join(consumer: Consumer): void {
    if (this.#state === "over") consumer.abandon();
    else this.#seats.give(consumer);
    if (this.#state === "running") this.#input(subscribeInput(consumer));
  }

  leave(consumer: Consumer, how: "disconnect" | "withdraw"): void {
    const { seat } = consumer;
    if (!this.#seats.take(consumer)) return;
    if (this.#seats.size === 0) this.#emptySinceMs = this.#parts.clock.nowMs();
    this.#input({ type: how, consumer: seat });
  }

  credit({ seat }: Consumer, credit: Credit): void {
    if (seat > 0) this.#input({ type: "credit", consumer: seat, credit });
  }

  settle({ seat }: Consumer, settle: Omit<Settle, "sub">): void {
    if (seat > 0) this.#input({ type: "settle", consumer: seat, settle: this.#tokens.own(settle) });
  }

  /** A token of this epoch: all that a plain client says of most of its deliveries. */
  acked({ seat }: Consumer, token: number): void {
    const own = this.#tokens.ownOf(token);
    if (seat === 0 || own <= 0 || this.#state === "over") return;
    this.#inputs.acked(seat, this.#parts.epoch, own);
    this.#schedule();
  }

  /** In the order of the offsets. Entries of one turn become one input. */
  appended(entry: Entry): void {
    if (this.#state === "over") return;
    this.#inputs.appended(entry);
    this.#schedule("addAtOnce");
  }

  /** What others know of its queue. */
  tell(news: Extract<EngineInput, { type: "trimmed" | "resolved" }>): void {
    this.#input(news);
  }

  /**
   * What a person asks for. `make` sees the engine as it is when its inputs are applied, and may throw. Resolves when they are
   * durable and `isDone`; rejects when the storage fails meanwhile, and after some seconds.
   */
  async operate(make: (engine: Engine) => readonly EngineInput[], isDone?: (engine: Engine) => boolean): Promise<void> {
    await this.#opening;
    for (const input of make(this.#current())) this.#inputs.push(input);
    const isDurable = this.#watch.next(isDone);
    this.turn();
    await isDurable;
  }

  /**
   * The group gets another place [N*]. `plan` sees the row when nothing of the engine is under way, and says what to write; what it
   * throws leaves all as it was. Resolves after the commit: consumers stay, were told, and begin anew.
   */
  async reset(plan: (row: SubscriptionRow) => Promise<ResetWrite>): Promise<void> {
    await this.#opening;
    this.#current();
    const moved = this.#toAnotherPlace(plan);
    this.#reset = moved.catch(() => {});
    await moved;
  }

  /** As it is stored, and all that the engine knows by now is in it. */
  async row(): Promise<SubscriptionRow> {
    await this.operate(() => []);
    return this.#parts.rows.open(this.key);
  }

  /** What the engine knows; nothing is changed. */
  async ask<T>(look: (engine: Engine) => T): Promise<T> {
    await this.#opening;
    return look(this.#current());
  }

  /** Runs the task when all that is settled by now is on disk. */
  afterSettles(task: () => void): void {
    this.#watch.afterSent(task);
  }

  readers(): ReturnType<Seats["readers"]> {
    return this.#seats.readers();
  }

  /** `null`: no engine runs just now. */
  look<T>(see: (engine: Engine) => T): T | null {
    return this.#engine && see(this.#engine);
  }

  /** Nobody reads and nothing is under way since so many ms. */
  idleForMs(): number {
    const isBusy = this.#seats.size > 0 || this.#state === "resetting" || this.#commitsUnderWay > 0 || this.#inputs.size > 0;
    return isBusy || this.#watch.isWaited() ? 0 : this.#parts.clock.nowMs() - this.#emptySinceMs;
  }

  isOver(): boolean {
    return this.#state === "over";
  }

  /** The hub is about to leave: nothing is offered any more, whatever comes. */
  stopOffering(): void {
    this.#isStopped = true;
    this.#input({ type: "drain" });
  }

  /** Resolves when nothing is in hand. After `stopOffering`, it stays so. */
  async handsEmpty(): Promise<void> {
    await this.#opening.catch(() => {});
    this.turn();
    const areEmpty = this.#emptyHands.wait();
    this.#emptyHands.look(this.#state === "running" ? this.#engine : null);
    await areEmpty;
  }

  /** Ends the time for finishing; returns how many events were still in hand. */
  handBack(): number {
    this.turn();
    const inHand = this.#engine?.view().inHand ?? 0;
    this.#input({ type: "hand-back" });
    return inHand;
  }

  /** Everything in hand is handed back, uncounted, and what is known is committed. */
  async drain(): Promise<void> {
    for (const consumer of this.#seats.all()) this.leave(consumer, "withdraw");
    await this.#opening.catch(() => {});
    await this.#reset;
    this.write();
    // A commit's answer can lead to another one: what changed while it was under way.
    while (this.#state === "running" && (this.#inputs.size > 0 || this.#commitsUnderWay > 0)) {
      this.turn();
      await this.#parts.committer.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#end();
  }

  /** What waits for more to be written waits no longer. */
  write(): void {
    if (this.#engine?.hasUnwritten()) this.#input({ type: "write" });
  }

  /** Its consumers are sent away, to come back to what is stored by then. */
  sendAway(): void {
    for (const consumer of this.#seats.all()) consumer.abandon();
  }

  async #open(): Promise<void> {
    const { rows, engineOptions } = this.#parts;
    const loaded = await rows.open(this.key);
    const redrives = await rows.redrives(loaded);
    if (this.#state === "over") return;
    this.#row = loaded;
    this.#engine = createEngine(engineOptions(loaded), loaded);
    this.#state = "running";
    const subscribes = this.#seats.all().map(subscribeInput);
    this.#inputs.putFirst([...(this.#isStopped ? [{ type: "drain" } as const] : []), ...subscribes, ...redrives]);
    this.#settles?.renewed(this.key);
    this.#schedule();
  }

  /** With all inputs applied, and all that it knows on its way to the disk. Throws STORAGE_FAILED while there is none. */
  #current(): Engine {
    this.write();
    this.turn();
    if (!this.#engine) throw unsteady();
    return this.#engine;
  }

  #input(one: EngineInput): void {
    if (this.#state === "over") return;
    this.#inputs.push(one);
    this.#consider(one);
  }

  /** Whether the input that was just added is worth a turn. */
  #consider(one: EngineInput): void {
    if (this.#isScheduled) return;
    if (this.#isWatched() || !canWait(one, this.#inputs.size)) this.#schedule();
  }

  /** Somebody may wait for what becomes of an input, or of the engine. */
  #isWatched(): boolean {
    return this.#watch.isWaited() || this.#seats.size === 0;
  }

  #schedule(how: keyof RunnerParts["nextTurn"] = "add"): void {
    if (this.#isScheduled || this.#state !== "running") return;
    this.#isScheduled = true;
    this.#parts.nextTurn[how](this);
  }

  /** Applies what it was told; what nobody waits for, once a turn of the loop. */
  turn(): void {
    this.#isScheduled = false;
    if (this.#state !== "running" || !this.#engine) return;
    const { clock, chance, proof } = this.#parts;
    const inputs = this.#inputs.take();
    const out: EngineEffect[] = [];
    try {
      this.#engine.apply(inputs, { nowMs: clock.nowMs(), chance: chance() }, out);
      for (const effect of out) this.#carryOut(effect);
      this.#watch.look(this.#engine);
      this.#emptyHands.look(this.#engine);
    } catch (error) {
      proof.fault(`the engine of ${this.name} broke; its subscription is read again from storage`, error);
      this.#reload();
    }
  }

  #carryOut(effect: EngineEffect) {
    const { rows, proof, clock } = this.#parts;
    switch (effect.type) {
      case "read":
        return this.#load(rows.read(this.key, effect.from, { eventsMax: effect.eventsMax, bytesMax: effect.bytesMax }));
      case "read-parked":
        return this.#load(rows.readParked(this.key, effect.key, effect.first));
      case "commit":
        return this.#commit(effect);
      case "unwritten":
        return this.#parts.laterWrites.add(this);
      case "deliver": {
        const first = this.#tokens.offered(effect.first, effect.items.length);
        proof.delivered(effect.items.length);
        this.#seats.get(effect.consumer)?.deliver(first, effect.items, this.#row?.progress.generation ?? 1);
        return;
      }
      case "lost":
        this.#seats.get(effect.consumer)?.lost(effect.epoch, this.#tokens.lost(effect.epoch, effect.tokens));
        return;
      case "settled":
        this.#settles?.settled(this.key, effect.entries, (task) => this.#watch.afterwards(task));
        return proof.settled(this.key.queue, this.key.group, effect);
      case "failed":
        return proof.failed(this.key.queue, this.key.group, effect);
      case "gap":
        return this.#seats.tellGap(effect);
      case "wake":
        this.#alarm ??= createAlarm(clock, () => this.#input({ type: "tick" }));
        return this.#alarm.set(effect.atMs);
    }
  }

  /** Reads answer the engine that asked; one that was replaced meanwhile asks again. */
  #load(reading: Promise<EngineInput>): void {
    const asking = this.#engine;
    reading.then(
      (answer) => {
        if (this.#engine === asking) this.#input(answer);
      },
      (error: unknown) => {
        if (this.#engine !== asking) return;
        this.#parts.proof.fault(`${this.name} could not be read`, error);
        this.#reload();
      },
    );
  }

  #commit({ write, urgent }: Extract<EngineEffect, { type: "commit" }>): void {
    this.#commitsUnderWay += 1;
    this.#parts.laterWrites.remove(this);
    this.#parts.committer.progress(this, { commit: this.#watch.sent(), write: withBodies(write), urgent });
  }

  /** By the committer: one of its commits is stored. */
  written(sent: number): void {
    this.#commitsUnderWay -= 1;
    this.#failures = 0;
    const commit = this.#watch.landed(sent);
    if (commit === 0) return;
    if (this.#isWatched() || !this.#engine?.landSilently(commit)) this.#input({ type: "committed", commit });
  }

  unwritten(sent: number, error: unknown): void {
    this.#commitsUnderWay -= 1;
    if (!this.#watch.isOwn(sent)) return;
    this.#parts.proof.fault(`progress of ${this.name} could not be written`, error);
    this.#reload();
  }

  /** No engine from here on, until the row is read again. Answers the tokens that name nothing any more. */
  #halt(next: "reloading" | "resetting"): TokenRange[] {
    this.#state = next;
    this.#engine = null;
    this.#watch.fail(unsteady());
    this.#emptyHands.look(null);
    this.#inputs.clear();
    return this.#tokens.restart();
  }

  /** What the engine thinks and what is stored may differ now: start from what is stored. Tries again with growing waits. */
  #reload(): void {
    if (this.#state === "over") return;
    this.#seats.tellLost(this.#parts.epoch, this.#halt("reloading"));
    const waitMs = reloadWaitMs(this.#failures);
    this.#failures += 1;
    setTimeout(() => {
      // Behind all that is handed over by now, and not behind what others go on handing over.
      const decided = this.#parts.committer.append([]).catch(() => []);
      decided.then(() => this.#open()).catch(() => this.#reload());
    }, waitMs).unref();
  }

  async #toAnotherPlace(plan: (row: SubscriptionRow) => Promise<ResetWrite>): Promise<void> {
    const { committer, rows, epoch, writeReset } = this.#parts;
    const ended = this.#halt("resetting");
    try {
      // Behind all that the engine wrote: nothing of it may land after the reset.
      await committer.append([]).catch(() => []);
      const write = await plan(await rows.open(this.key));
      await writeReset(this.key, write);
      for (const consumer of this.#seats.all()) consumer.reset(write.generation, write.cursor);
    } catch (error) {
      this.#seats.tellLost(epoch, ended);
      throw error;
    } finally {
      await this.#open().catch(() => this.#reload());
    }
  }

  #end(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#alarm?.stop();
    this.#watch.fail(unsteady());
    this.#emptyHands.look(null);
    this.#parts.onOver(this);
  }
}
