import type { Writable } from "node:stream";

/**
 * One line per fact: for people a sentence, for programs a JSON object. Resolves when the line has left this process, and never
 * rejects: a reader that is gone is the stream's own error, which stops the program.
 */
export type Output = {
  readonly json: boolean;
  say(sentence: string, record: Record<string, unknown>): Promise<void>;
};

/** `json` undefined: JSON unless the stream is a terminal. */
export function createOutput(stream: Writable & { isTTY?: boolean }, json: boolean | undefined): Output {
  const asJson = json ?? stream.isTTY !== true;
  return {
    json: asJson,
    say: (sentence, record) =>
      new Promise((resolve) => {
        const line = asJson ? JSON.stringify(record) : printable(sentence);
        stream.write(`${line}\n`, () => resolve());
      }),
  };
}

/** Strangers' text (a message, a reason) must not steer the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, " ");
