import { type Chance, createChance, openHistory, readHistorySync } from "@waybill/testkit";

export type Order = { id: string; parcel: string; store: string; zone: string; address: string; items: number };

/** The shops' orders, on file before they are asked for: after a restart the numbering goes on, and nothing is asked for twice. */
export type OrderBook = { next(): Order; close(): void };

const ADDRESSES = ["12 Mill Lane", "3 Station Square", "48 Harbour Road", "7 North Hill", "21 Market Street", "90 Old Town"];

export function openOrderBook(path: string, options: { stores: readonly string[]; zones: readonly string[]; seed: string }): OrderBook {
  let count = readHistorySync(path).length;
  const book = openHistory(path);
  return {
    next() {
      count++;
      const order = makeOrder(count, createChance(`${options.seed}/${count}`), options);
      book.write(order);
      return order;
    },
    close: book.close,
  };
}

function makeOrder(count: number, chance: Chance, { stores, zones }: { stores: readonly string[]; zones: readonly string[] }): Order {
  const parcel = `P-${String(count).padStart(4, "0")}`;
  return {
    id: `${parcel}:ready`,
    parcel,
    store: chance.pick(stores),
    zone: chance.pick(zones),
    address: chance.pick(ADDRESSES),
    items: chance.int(1, 4),
  };
}
