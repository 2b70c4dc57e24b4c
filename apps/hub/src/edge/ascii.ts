/**
 * Short texts and numbers, written where they stand on the wire. Put together as one text first, they are a tree of a dozen pieces, which is made
 * flat to be written: more than what it costs to write them, and half a kilobyte of garbage for each.
 */

/** `text` has nothing but ASCII, and is short: Node's own way begins to be quicker at some fifty characters. Answers where it ends. */
export function writeAscii(into: Uint8Array, at: number, text: string): number {
  for (let from = 0; from < text.length; from += 1) into[at + from] = text.charCodeAt(from);
  return at + text.length;
}

const ZERO = 0x30;
/** Below it, whole numbers are divided as such. */
const SMALL = 1_000_000_000;

/** Of a whole number from 0 on. */
export function digitsOf(value: number): number {
  let digits = 1;
  for (let above = 10; above <= value; above *= 10) digits += 1;
  return digits;
}

/** Its digits. Answers where they end. */
export function writeNumber(into: Uint8Array, at: number, value: number): number {
  const end = at + digitsOf(value);
  const high = Math.floor(value / SMALL);
  const low = value - high * SMALL;
  if (high === 0) writeDigits(into, at, end, low);
  else {
    writeNumber(into, at, high);
    writeDigits(into, end - 9, end, low);
  }
  return end;
}

/** With zeros in front, as far as it goes. */
function writeDigits(into: Uint8Array, from: number, end: number, value: number): void {
  let rest = value | 0;
  for (let at = end - 1; at >= from; at -= 1) {
    const next = (rest / 10) | 0;
    into[at] = ZERO + rest - next * 10;
    rest = next;
  }
}
