/** Random steps against an engine: clients, a slow storage, crashes. The ledger watches, and `heal` must bring everything to an end. */
import {
  checkInvariants,
  createEngine,
  type Engine,
  type EngineEffect,
  type EngineInput,
  type EngineOptions,
  type Entry,
} from "../src/index.ts";
import { Durable } from "./durable.ts";
import { type Client, Ledger } from "./ledger.ts";

export type Step =
  | { do: "publish"; keys: readonly number[]; delayMs: number }
  | { do: "subscribe"; plain: boolean; events: number; bytes: number; again: boolean }
  | { do: "leave"; which: number; how: "disconnect" | "withdraw" }
  | {
      do: "settle";
      which: number;
      how: "acks" | "acks-in-order" | "nacks" | "rejects" | "extends" | "withdraws" | "started" | "late";
      pick: number;
    }
  | { do: "answer"; count: number }
  | { do: "pass"; ms: number }
  | { do: "pause"; paused: boolean }
  | { do: "retry" | "skip"; key: number }
  | { do: "resolve" | "redrive"; pick: number }
  | { do: "drain" | "crash" };

export class World {
  readonly durable = new Durable();
  readonly options: EngineOptions;
  engine: Engine;
  ledger: Ledger;
  nowMs = 0;
  /** What the storage has been asked and has not answered yet. Commits are answered in order. */
  #asked: (EngineEffect & { type: "read" | "read-parked" | "commit" | "unwritten" })[] = [];
  #nextConsumer = 1;
  #instances: string[] = [];
  readonly #oldTokens: number[] = [];
  readonly #claimsMoved = new Set<number>();
  #isDraining = false;

  constructor(options: EngineOptions) {
    this.options = { ...options };
    this.engine = createEngine(this.options, this.durable.restored());
    this.ledger = this.#newLedger();
  }

  run(step: Step): void {
    switch (step.do) {
      case "publish":
        this.#publish(step);
        break;
      case "subscribe":
        this.#join(step);
        break;
      case "leave":
        this.#leave(step);
        break;
      case "settle":
        this.#settle(step);
        break;
      case "answer":
        for (let left = step.count; left > 0; left--) this.answer();
        break;
      case "pass":
        this.nowMs += step.ms;
        this.apply({ type: "tick" });
        break;
      case "pause":
        this.apply({ type: "pause", paused: step.paused });
        break;
      case "retry":
        this.apply({ type: "retry-key", key: `k${step.key}` });
        break;
      case "skip":
        this.apply({ type: "skip-key", key: `k${step.key}`, by: "admin", reason: "enough" });
        break;
      case "resolve":
        this.resolve(1 + (step.pick % Math.max(1, this.durable.entries.length)));
        break;
      case "redrive":
        this.#redrive(step.pick);
        break;
      case "drain":
        this.#isDraining = true;
        this.apply({ type: "drain" });
        break;
      case "crash":
        this.crash();
    }
  }

  #join({ plain, events, bytes, again }: Extract<Step, { do: "subscribe" }>): void {
    const instance = (again ? this.#instances.shift() : undefined) ?? `i${this.#nextConsumer}`;
    this.subscribe({ mode: plain ? "plain" : "frames", credit: { events, bytes }, instance });
  }

  apply(...inputs: EngineInput[]): void {
    const out: EngineEffect[] = [];
    this.engine.apply(inputs, { nowMs: this.nowMs, chance: (this.nowMs % 97) / 97 }, out);
    checkInvariants(this.engine);
    for (const effect of out) {
      if (this.#isDraining && (effect.type === "deliver" || effect.type === "read")) throw new Error("A draining engine offers and reads.");
      this.ledger.see(effect, this.nowMs);
      if (effect.type === "read" || effect.type === "read-parked" || effect.type === "commit" || effect.type === "unwritten")
        this.#asked.push(effect);
      if (effect.type === "deliver") for (let at = 0; at < effect.items.length; at++) this.#oldTokens.push(effect.first + at);
    }
  }

  answer(): boolean {
    const asked = this.#asked.shift();
    if (asked === undefined) return false;
    if (asked.type === "commit") {
      this.durable.apply(asked.write);
      this.#checkDurable();
      this.apply({ type: "committed", commit: asked.commit });
    } else if (asked.type === "unwritten") this.apply({ type: "write" });
    else {
      const answer = asked.type === "read" ? this.durable.read(asked) : this.durable.readParked(asked);
      this.apply({ ...answer, entries: answer.entries.map((entry) => this.#asClaimed(entry)) });
    }
    return true;
  }

  subscribe({ mode, credit, instance }: Pick<Client, "mode" | "credit"> & { instance: string }): void {
    const id = this.#nextConsumer++;
    this.#instances.push(instance);
    this.ledger.clients.set(id, { id, mode, credit, held: [] });
    this.apply({ type: "subscribe", consumer: id, instance, by: `vendor-${id}`, mode, credit });
  }

  resolve(offset: number): void {
    this.#claimsMoved.add(offset);
    this.apply({ type: "resolved", offsets: [offset] });
  }

  /** The hub dies: only what was committed is left. A commit under way may or may not have made it. */
  crash(): void {
    const [first] = this.#asked.filter((asked) => asked.type === "commit");
    if (first !== undefined && this.nowMs % 2 === 0) this.durable.apply(first.write);
    this.#checkDurable();
    this.#asked = [];
    this.#oldTokens.length = 0;
    this.options.epoch += 1;
    this.#isDraining = false;
    this.engine = createEngine(this.options, this.durable.restored());
    this.ledger = this.#newLedger();
  }

  /** The end of a drain: all goes back, all is stored, and the next hub starts. Nothing is counted by it. */
  #leaveInOrder(): void {
    const counted = () => [...this.durable.attempts.values()].reduce((sum, { failed, interrupted }) => sum + failed + interrupted, 0);
    while (this.answer());
    const before = counted();
    this.apply({ type: "hand-back" });
    while (this.answer());
    if (this.engine.view().inHand > 0 || counted() > before) throw new Error("A drain leaves something in hand, or counts it.");
    this.crash();
  }

  /** All is well from now on: whatever is left must come to its end. */
  heal(): void {
    if (this.#isDraining) this.#leaveInOrder();
    for (const id of [...this.ledger.clients.keys()]) this.#leave({ which: id, how: "disconnect" });
    this.apply({ type: "pause", paused: false });
    for (const { offset, redrive } of this.durable.attempts.values()) {
      if (redrive > 0) this.apply({ type: "redrive", entry: this.durable.entry(offset), redrive });
    }
    this.subscribe({ mode: "frames", credit: { events: 50, bytes: 100_000 }, instance: "healer" });
    for (let round = 0; round < 4_000; round++) {
      for (let answers = 0; this.answer(); answers++) {
        if (answers > 2_000) throw new Error("The engine asks for ever.");
      }
      for (const key of this.engine.view().stuckKeys) this.apply({ type: "retry-key", key });
      if (this.engine.view().paused) this.#resume();
      const [client] = this.ledger.clients.values();
      if (client === undefined) throw new Error("The healer is gone.");
      const acks = client.held.map(({ token }): [number, number] => [token, token]);
      if (this.options.order === "none") for (const { entry } of [...client.held]) this.resolve(entry.offset);
      else if (acks.length > 0) this.apply({ type: "settle", consumer: client.id, settle: { epoch: this.options.epoch, acks } });
      if (acks.length === 0 && this.engine.view().pending === 0 && this.engine.view().waitingRetry === 0 && this.#asked.length === 0)
        return;
      this.nowMs += 50;
      this.apply({ type: "tick" });
    }
    throw new Error(`It does not come to an end: ${JSON.stringify(this.engine.view())}`);
  }

  /** It may have paused since no dead letter found room, for one that a skip has asked for: an operator discards some. */
  #resume(): void {
    const [letter] = this.durable.dead.keys();
    const isFull = this.engine.view().deadCount >= this.options.deadLettersMax;
    if (isFull && letter !== undefined) this.apply({ type: "discard", offset: letter });
    this.apply({ type: "pause", paused: false });
  }

  get unsettled(): number[] {
    return this.durable.entries.map(({ offset }) => offset).filter((offset) => !this.ledger.settled.has(offset));
  }

  /** Every third event of a delayed publish waits for its time. */
  #publish({ keys, delayMs }: Extract<Step, { do: "publish" }>): void {
    const entries = keys.map((key, index): Entry => {
      const offset = this.durable.entries.length + 1 + index;
      return {
        offset,
        key: `k${key}`,
        type: key === 9 ? "message" : "pickup",
        bytes: 50 + (offset % 7) * 40,
        recordedAtMs: this.nowMs,
        ref: offset,
        ...(delayMs > 0 && offset % 3 === 0 ? { notBeforeMs: this.nowMs + delayMs } : {}),
      };
    });
    this.durable.entries.push(...entries);
    this.apply({ type: "appended", entries });
  }

  #redrive(pick: number): void {
    const letter = [...this.durable.dead.values()][pick % Math.max(1, this.durable.dead.size)];
    if (letter === undefined) return;
    const { offset, redrive, notes } = letter;
    this.apply({ type: "redrive", entry: this.durable.entry(offset), redrive: redrive + 1, notes });
  }

  #leave({ which, how }: { which: number; how: "disconnect" | "withdraw" }): void {
    const client = this.#client(which);
    if (client === undefined) return;
    this.ledger.clients.delete(client.id);
    this.apply({ type: how, consumer: client.id });
  }

  #settle({ which, how, pick }: Extract<Step, { do: "settle" }>): void {
    const client = this.#client(which);
    if (client === undefined) return;
    const count = 1 + (pick % 5);
    const open = client.held.filter(({ isAcked }) => !isAcked);
    const chosen = (how === "acks-in-order" ? open : open.filter((_, index) => (index * 7 + pick) % 3 === 0)).slice(0, count);
    const old = this.#oldTokens[pick % Math.max(1, this.#oldTokens.length)] ?? 1;
    const ranges = chosen.map(({ token }): [number, number] => [token, token]);
    const single = chosen.map(({ token }) => ({ token, reason: "broken" }));
    const isAck = how === "acks" || how === "acks-in-order";
    const isOver = how === "nacks" || how === "rejects" || how === "withdraws" || (isAck && this.options.order === "none");
    if (isOver) this.ledger.drop(client.id, ranges);
    if (isAck) for (const held of chosen) held.isAcked = true;
    if (how === "late") this.#ackOld(client, old);
    const fields = isAck
      ? { acks: ranges }
      : how === "late"
        ? { acks: [[old, old] as [number, number]] }
        : { [how]: how === "nacks" || how === "rejects" ? single : ranges };
    this.apply({ type: "settle", consumer: client.id, settle: { epoch: this.options.epoch, ...fields } });
  }

  #ackOld(client: Client, token: number): void {
    if (this.options.order === "none") this.ledger.drop(client.id, [[token, token]]);
    for (const held of client.held) if (held.token === token) held.isAcked = true;
  }

  #client(which: number): Client | undefined {
    const exact = this.ledger.clients.get(which);
    const all = [...this.ledger.clients.values()];
    return exact ?? all[which % Math.max(1, all.length)];
  }

  #asClaimed(entry: Entry): Entry {
    return this.options.order === "none" && this.#claimsMoved.has(entry.offset) ? { ...entry, resolved: true } : entry;
  }

  /** What the storage calls settled was settled: nothing is lost by a crash at this moment. */
  #checkDurable(): void {
    const unsettled = this.durable.unsettled();
    for (const { offset } of this.durable.entries) {
      if (unsettled.has(offset) || this.ledger.settled.has(offset) || this.durable.dead.has(offset)) continue;
      throw new Error(`Broken promise: event ${offset} would be lost by a crash now.`);
    }
  }

  #newLedger(): Ledger {
    return new Ledger({ ordered: this.options.order !== "none", entries: this.durable.entries, unsettled: this.durable.unsettled() });
  }
}
