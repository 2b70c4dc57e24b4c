/** The naive model: who has what in hand and what is settled, from the effects alone, with arrays that are obviously right. Throws at the first broken promise. */
import type { ConsumerMode, Credit, DeliveryItem, EngineEffect, Entry } from "../src/index.ts";

export type Held = { token: number; entry: Entry; isAcked: boolean };
export type Client = { id: number; mode: ConsumerMode; credit: Credit; held: Held[] };

export class Ledger {
  readonly clients = new Map<number, Client>();
  readonly settled = new Set<number>();
  readonly #ordered: boolean;
  readonly #entries: readonly Entry[];
  #lastToken = 0;

  constructor({ ordered, entries, unsettled }: { ordered: boolean; entries: readonly Entry[]; unsettled: ReadonlySet<number> }) {
    this.#ordered = ordered;
    this.#entries = entries;
    for (const { offset } of entries) if (!unsettled.has(offset)) this.settled.add(offset);
  }

  see(effect: EngineEffect, nowMs: number): void {
    if (effect.type === "lost") this.drop(effect.consumer, effect.tokens);
    if (effect.type === "settled") for (const entry of effect.entries) this.#settle(entry, effect);
    if (effect.type === "deliver")
      for (const [index, item] of effect.items.entries()) {
        const { notBeforeMs = 0, offset } = item.entry;
        must(item.redrive > 0 || notBeforeMs <= nowMs, `event ${offset} was offered before its time`);
        this.#deliver(effect.consumer, effect.first + index, item);
      }
  }

  drop(id: number, tokens: readonly (readonly [number, number])[]): void {
    const client = this.clients.get(id);
    if (client !== undefined) client.held = client.held.filter(({ token }) => !tokens.some(([from, to]) => from <= token && token <= to));
  }

  #settle(entry: Entry, { how, redrive }: { how: string; redrive?: true | undefined }): void {
    for (const client of this.clients.values()) client.held = client.held.filter((held) => held.entry.offset !== entry.offset);
    if (redrive) {
      must(this.settled.has(entry.offset), `event ${entry.offset} was sent again and had never been settled`);
      return;
    }
    must(!this.settled.has(entry.offset), `event ${entry.offset} was settled twice`);
    if (this.#ordered && how !== "unwanted") {
      for (const earlier of this.#entries) {
        if (earlier.offset >= entry.offset) break;
        must(
          earlier.key !== entry.key || this.settled.has(earlier.offset),
          `event ${entry.offset} was settled before ${earlier.offset} of the same key`,
        );
      }
    }
    this.settled.add(entry.offset);
  }

  #deliver(id: number, token: number, { entry, redrive }: DeliveryItem): void {
    const client = this.clients.get(id);
    must(client !== undefined, `consumer ${id} is gone and was offered ${entry.offset}`);
    must(token > this.#lastToken, `token ${token} came after ${this.#lastToken}`);
    this.#lastToken = token;
    must(redrive > 0 || !this.settled.has(entry.offset), `event ${entry.offset} was offered after it was settled`);
    for (const other of this.clients.values()) {
      must(
        !other.held.some((held) => held.entry.offset === entry.offset),
        `event ${entry.offset} was offered to ${id} while ${other.id} had it`,
      );
    }
    if (this.#ordered && redrive === 0) {
      for (const earlier of this.#entries) {
        if (earlier.offset >= entry.offset) break;
        if (earlier.key !== entry.key || this.settled.has(earlier.offset)) continue;
        must(
          client.mode === "frames" && client.held.some((held) => held.entry.offset === earlier.offset),
          `event ${entry.offset} was offered before ${earlier.offset} of the same key`,
        );
      }
    }
    client.held.push({ token, entry, isAcked: false });
    const bytes = client.held.reduce((sum, held) => sum + held.entry.bytes, 0);
    must(client.held.length <= client.credit.events, `consumer ${id} has ${client.held.length} events in hand`);
    must(bytes <= client.credit.bytes || client.held.length === 1, `consumer ${id} has ${bytes} bytes in hand`);
  }
}

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`Broken promise: ${what}.`);
}
