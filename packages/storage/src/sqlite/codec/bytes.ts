/** Bytes out and in: varints (up to 2^53), short texts and raw ranges. No objects per value: this runs per event. */
import { Fault } from "../words.ts";

/** So many bytes are copied faster one by one than by a call. */
const loopBytesMax = 32;
/** Of any bytes, not a Buffer's alone; and a view of each range, as `set` asks for, would be an object for each event. */
export const copyRange = Buffer.prototype.copy;

export class ByteWriter {
  bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(64, size));
  }

  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + count));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    this.bytes.writeUInt32LE(value, this.at);
    this.at += 4;
  }

  varint(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let rest = value;
    while (rest >= 0x8000_0000) {
      bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      bytes[this.at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[this.at++] = rest;
  }

  /** Length, then UTF-8. Names are ASCII and short: a loop beats the encoder's call. */
  text(text: string): void {
    if (text.length > 127 || !this.ascii(text)) this.longText(text);
  }

  /** `false`: it is not. */
  private ascii(text: string): boolean {
    this.reserve(text.length + 1);
    const { bytes } = this;
    const start = this.at;
    bytes[start] = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      bytes[start + 1 + i] = code;
    }
    this.at = start + 1 + text.length;
    return true;
  }

  private longText(text: string): void {
    const length = Buffer.byteLength(text);
    this.varint(length);
    this.reserve(length);
    this.bytes.write(text, this.at, length, "utf8");
    this.at += length;
  }

  raw(source: Uint8Array, from = 0, to = source.length): void {
    const length = to - from;
    this.reserve(length);
    if (length > loopBytesMax) copyRange.call(source, this.bytes, this.at, from, to);
    else for (let i = 0; i < length; i++) this.bytes[this.at + i] = source[from + i] ?? 0;
    this.at += length;
  }

  /** Leaves so much room, to be filled by who asks. Answers where it begins. */
  leave(count: number): number {
    this.reserve(count);
    this.at += count;
    return this.at - count;
  }

  written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }
}

export class ByteReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  u8(): number {
    return this.bytes[this.at++] ?? damaged();
  }

  u32(): number {
    const value = this.bytes.readUInt32LE(this.at);
    this.at += 4;
    return value;
  }

  varint(): number {
    let byte = this.bytes[this.at++] ?? damaged();
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = this.bytes[this.at++] ?? damaged();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  }

  text(): string {
    const length = this.varint();
    const from = this.at;
    this.at = from + length;
    return this.bytes.toString("utf8", from, this.at);
  }

  /** Steps over a text. */
  skipText(): void {
    const length = this.varint();
    this.at += length;
  }
}

/** A Buffer over the same memory. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(): never {
  throw new Fault("DATA_DAMAGED", "A stored row ends in the middle of a value. Restore the latest backup; keep the folder for inspection.");
}
