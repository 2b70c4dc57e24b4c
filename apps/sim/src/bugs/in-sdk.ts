import type { BugName } from "./catalogue.ts";

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
    default:
      return () => {};
  }
}

async function replace(file: string, name: string, methods: object): Promise<() => void> {
  const module: Record<string, { prototype: object }> = await import(
    new URL(`../../../../packages/client/src/${file}`, import.meta.url).href
  );
  const prototype = module[name]?.prototype ?? {};
  const before = Object.getOwnPropertyDescriptors(prototype);
  Object.assign(prototype, methods);
  return () => void Object.defineProperties(prototype, before);
}
