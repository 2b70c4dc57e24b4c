/** One line of the input. Numbers count all lines, the empty ones too, so that an editor finds them. */
export type Line = { number: number; text: string } | { number: number; tooLong: true };

const LINE_FEED = 10;
const decoder = new TextDecoder();

/**
 * Splits bytes into lines without ever holding more than one of them: a line above `bytesMax` is reported as
 * too long and its bytes are let go. Empty lines are skipped; a last line needs no line feed.
 */
export async function* readLines(source: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Line> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let size = 0;

  const take = (part: Uint8Array): void => {
    size += part.length;
    if (size > bytesMax) parts = [];
    else parts.push(part);
  };
  const finish = (): Line | null => {
    const text = size > bytesMax ? null : decoder.decode(Buffer.concat(parts)).replace(/\r$/, "");
    const line: Line | null = text === null ? { number, tooLong: true } : text.trim() === "" ? null : { number, text };
    number += 1;
    parts = [];
    size = 0;
    return line;
  };

  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      const line = finish();
      if (line) yield line;
    }
    take(chunk.subarray(start));
  }
  if (size > 0) {
    const line = finish();
    if (line) yield line;
  }
}
