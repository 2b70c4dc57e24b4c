import type { BugName } from "./catalogue.ts";
import { notHoldingTwice, timeOutAsAnswer, waitingForALostTimer } from "./repairs-in-sdk.ts";

/**
 * Inside of the SDK: no part of it that its package shows, so its classes are found by path and one method is replaced. Resolves with
 * what puts it back.
 */
export async function plantInSdk(bug: BugName | null): Promise<() => void> {
  switch (bug) {
    case "handled-again":
      return replace("verdict-memory.ts", "VerdictMemory", { recall: () => undefined });
    case "no-hold-after-failure":
      return replace("parcel-order.ts", "ParcelOrder", { isHeld: () => false });
    case "never-sent-again":
      return replace("flow.ts", "Flow", {
        rewind(this: { round: number }) {
          this.round += 1;
        },
      });
    case "time-out-as-answer":
      return wrap("link.ts", "Link", timeOutAsAnswer);
    case "greeting-waits-for-a-lost-timer":
      return wrap("introduction.ts", "Introduction", waitingForALostTimer);
    case "no-hold-behind-handed-back":
      return wrap("parcel-order.ts", "ParcelOrder", notHoldingTwice);
    default:
      return () => {};
  }
}

const replace = (file: string, name: string, methods: object): Promise<() => void> => wrap(file, name, () => methods);

/** `make` gets the methods as they are shipped. */
async function wrap<Shipped extends object>(file: string, name: string, make: (shipped: Shipped) => object): Promise<() => void> {
  const module: Record<string, { prototype: object }> = await import(
    new URL(`../../../../packages/client/src/${file}`, import.meta.url).href
  );
  const prototype = module[name]?.prototype ?? {};
  const before = Object.getOwnPropertyDescriptors(prototype);
  Object.assign(prototype, make({ ...Object.fromEntries(methodsOf(prototype)) } as Shipped));
  return () => void Object.defineProperties(prototype, before);
}

function methodsOf(prototype: object): [name: string, method: unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) => (value ? [[name, value]] : []));
}
