// The rules are compiled without Node's or the browser's types, so that no clock, chance or IO can slip in.
// The contract's frame codec, which they never call, needs these two names to be known.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
