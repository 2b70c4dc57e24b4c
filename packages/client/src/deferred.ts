export type Deferred = { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void };

/** `Promise.withResolvers`, which Node 20 does not have. */
export function deferred(): Deferred {
  let settle: Omit<Deferred, "promise"> = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
