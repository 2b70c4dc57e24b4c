import type { SubscriptionKey } from "@waybill/storage";

/** Runs tasks of one name one after the other, those of different names side by side. */
export type InTurn = <T>(name: string, task: () => Promise<T>) => Promise<T>;

/** What is done to one subscription. */
export const turnOf = ({ tenant, queue, group }: SubscriptionKey): string => `${tenant} ${queue} ${group}`;

export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (name, task) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(task, task);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
