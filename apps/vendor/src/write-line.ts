import type { Writable } from "node:stream";

/** Resolves when the line has left this process; rejects when it cannot, so that nothing is acknowledged that nobody saw. */
export const writeLine = (stream: Writable, line: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });

/** Whether lines are JSON: as asked for, else when nobody looks at a terminal. */
export const isJson = (stream: { isTTY?: boolean }, asked: boolean | undefined): boolean => asked ?? stream.isTTY !== true;
