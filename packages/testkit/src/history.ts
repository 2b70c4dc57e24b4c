/**
 * A process's own record of what it did: JSON lines in a file that it alone appends to. Each line is written
 * with one `writeSync` before the program goes on, so it survives the SIGKILL of its process (not a power cut).
 */
import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

export type History = {
  /** Has been handed to the operating system when it returns. */
  write(record: object): void;
  close(): void;
};

const LINE_FEED = 10;

/** Opens for appending; makes the folder. A last line that was torn by the writer's death is cut off: what it told never happened. */
export function openHistory(path: string): History {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, existsSync(path) ? "r+" : "w+");
  let end = cutTornLine(fd);
  return {
    write(record) {
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      for (let done = 0; done < line.length; ) {
        const wrote = writeSync(fd, line, done, line.length - done, end);
        done += wrote;
        end += wrote;
      }
    },
    close: () => closeSync(fd),
  };
}

/** The file's end after its last whole line. */
function cutTornLine(fd: number): number {
  const chunk = Buffer.alloc(65_536);
  const { size } = fstatSync(fd);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunk.length);
    const read = readSync(fd, chunk, 0, end - start, start);
    const at = chunk.subarray(0, read).lastIndexOf(LINE_FEED);
    if (at >= 0) {
      const whole = start + at + 1;
      if (whole < size) ftruncateSync(fd, whole);
      return whole;
    }
    end = start;
  }
  if (size > 0) ftruncateSync(fd, 0);
  return 0;
}

/** All whole lines, for a program that starts again and reads what it did before. A missing file is an empty one. */
export function readHistorySync(path: string): unknown[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  lines.pop(); // What follows the last line feed is nothing, or torn.
  return lines.map((line, index) => parseLine(line, path, index + 1));
}

/** The same, line by line, for files of any size. */
export async function* readHistory(path: string): AsyncGenerator<unknown> {
  if (!existsSync(path)) return;
  let rest = "";
  let count = 0;
  for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield parseLine(line, path, ++count);
  }
}

function parseLine(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Error(`${path}:${number} is not JSON: a history is damaged in its middle, not merely torn at its end.`, { cause });
  }
}

/** Microseconds of a clock that never goes back and that all processes of one machine share. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n);
