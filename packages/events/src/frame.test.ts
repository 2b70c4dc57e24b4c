import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HubError } from "./errors.ts";
import {
  bodiesOf,
  decodeFrame,
  encodeFrame,
  encodeTextFrame,
  frameBodies,
  frameLines,
  parseJson,
  readFrame,
  toJsonBytes,
  utf8Length,
} from "./frame.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (source: string) => new TextEncoder().encode(source);
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof HubError ? error.code : String(error);
  }
  return "no error";
};

test("a frame is its header and its events, one line each, without a line feed at the end", () => {
  expect(text(encodeFrame({ a: 1 }, [bytes('{"b":2}'), bytes('{"c":3}')]))).toBe('{"a":1}\n{"b":2}\n{"c":3}');
});

/** What a frame's header may be. fast-check likes the one key that is refused. */
const header = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"__proto__":'));

test("what is encoded is decoded, whatever the text", () => {
  fc.assert(
    fc.property(header, fc.array(fc.jsonValue(), { maxLength: 20 }), (head, values) => {
      const frame = encodeFrame(head, values.map(toJsonBytes));
      const decoded = decodeFrame(frame);
      expect(decoded.header).toEqual(JSON.parse(JSON.stringify(head)));
      expect(decoded.bodies.map(text)).toEqual(values.map((value) => JSON.stringify(value)));
    }),
  );
});

test("a frame of texts is the frame of their bytes", () => {
  fc.assert(
    fc.property(header, fc.array(fc.jsonValue(), { maxLength: 20 }), (head, values) => {
      const texts = values.map((value) => JSON.stringify(value));
      expect(encodeTextFrame(head, texts)).toEqual(encodeFrame(head, texts.map(bytes)));
    }),
  );
});

test("frames that share their memory leave each other alone, whatever a character takes and wherever a slab ends", () => {
  const lines = ["x", "é", "🚚"].map((filler) => JSON.stringify(filler.repeat(5_000)));
  const made = Array.from({ length: 60 }, (_, index) => {
    const texts = lines.slice(0, index % 4);
    return { texts, frame: encodeTextFrame({ index }, texts) };
  });
  for (const [index, { texts, frame }] of made.entries()) expect(text(frame)).toBe([JSON.stringify({ index }), ...texts].join("\n"));
  expect(made.some(({ frame }) => frame.byteOffset > 0)).toBe(true);
});

test("a text's length in bytes is counted, however long it is and whatever stands at the end of the place where it is measured", () => {
  const ends = fc.string({ unit: "binary", maxLength: 5 }).filter((end) => end.isWellFormed());
  fc.assert(
    fc.property(fc.constantFrom("", "x", "é", "🚚"), fc.constantFrom(0, 1, 8_190, 16_380, 16_384), ends, (filler, count, end) => {
      const long = filler.repeat(count) + end;
      expect(utf8Length(long)).toBe(bytes(long).length);
    }),
  );
});

test("a frame's lines as text are its header and its bodies, however they are parsed", () => {
  fc.assert(
    fc.property(header, fc.array(fc.jsonValue(), { maxLength: 20 }), (head, values) => {
      const frame = encodeFrame(head, values.map(toJsonBytes));
      const [, ...lines] = frameLines(frame) ?? [];
      const outcome = (source: Uint8Array | string) => {
        try {
          return parseJson(source, "the event");
        } catch (error) {
          return codeOf(() => {
            throw error;
          });
        }
      };
      expect(lines.map(outcome)).toEqual(decodeFrame(frame).bodies.map(outcome));
    }),
  );
});

test("a frame that is read at once has the header and the bodies of one that is decoded, as text where it is text", () => {
  const body = fc.oneof(fc.jsonValue().map(toJsonBytes), fc.uint8Array({ maxLength: 9 }));
  const withoutBreaks = body.map((one) => one.filter((byte) => byte !== 10));
  const isText = { read: 0, not: 0 };
  fc.assert(
    fc.property(header, fc.array(withoutBreaks, { maxLength: 3 }), (head, bodies) => {
      const frame = encodeFrame(head, bodies);
      const read = readFrame(frame);
      expect(read.header).toEqual(decodeFrame(frame).header);
      expect(read.lines.map((line) => Buffer.from(line))).toEqual(frameBodies(frame).map((line) => Buffer.from(line)));
      expect(frameBodies(frame)).toEqual(decodeFrame(frame).bodies);
      expect(bodiesOf(frame, read)).toEqual(frameBodies(frame));
      isText[frameLines(frame) === null ? "not" : "read"] += 1;
      expect(read.lines.every((line) => typeof line === "string")).toBe(frameLines(frame) !== null || bodies.length === 0);
    }),
    { numRuns: 500, seed: 1, endOnFailure: true },
  );
  expect(isText.read).toBeGreaterThan(100);
  expect(isText.not).toBeGreaterThan(100);
});

test("a frame is plain when no key in it can be __proto__, however it is spelled", () => {
  const isPlain = (body: string) => readFrame(encodeFrame({}, [bytes('{"a":1}'), bytes(body)])).isPlain;
  expect(isPlain('{"proto":1}')).toBe(true);
  expect(isPlain('{"__proto__":1}')).toBe(false);
  expect(isPlain('{"\\u005f_proto__":1}')).toBe(false);
});

test("a frame with a line that is not UTF-8 has no lines of text; its bodies tell which", () => {
  const frame = encodeFrame({}, [bytes('"x"'), new Uint8Array([34, 255, 34])]);
  expect(frameLines(frame)).toBeNull();
  expect(decodeFrame(frame).bodies.map((body) => codeOf(() => parseJson(body, "x")))).toEqual(["no error", "INVALID_MESSAGE"]);
});

test("bodies pass untouched, byte for byte, and are views, not copies", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }).map((body) => body.filter((byte) => byte !== 10))), (bodies) => {
      const frame = encodeFrame({}, bodies);
      const decoded = decodeFrame(frame).bodies;
      expect(decoded.map((body) => [...body])).toEqual(bodies.map((body) => [...body]));
      for (const body of decoded) expect(body.buffer).toBe(frame.buffer);
    }),
  );
});

test("a frame may lie anywhere in a larger buffer, as sockets hand them out", () => {
  const frame = encodeFrame({ a: 1 }, [bytes('"x"')]);
  const larger = new Uint8Array(frame.length + 20).fill(10);
  larger.set(frame, 7);
  const decoded = decodeFrame(larger.subarray(7, 7 + frame.length));
  expect([decoded.header, decoded.bodies.map(text)]).toEqual([{ a: 1 }, ['"x"']]);
});

test("a header alone has no bodies; a line feed at its end is one empty body", () => {
  expect(decodeFrame(bytes("{}")).bodies).toEqual([]);
  expect(decodeFrame(bytes("{}\n")).bodies.map(text)).toEqual([""]);
  expect(decodeFrame(bytes("{}\n\n")).bodies.map(text)).toEqual(["", ""]);
  expect(decodeFrame(encodeFrame({}, [new Uint8Array(), new Uint8Array()])).bodies).toHaveLength(2);
});

describe("what cannot be read is INVALID_MESSAGE", () => {
  const bad: Record<string, Uint8Array> = {
    nothing: new Uint8Array(),
    "an empty header": bytes("\n{}"),
    "a header that is not JSON": bytes("{a:1}\n{}"),
    "broken UTF-8": new Uint8Array([0x22, 0xc3, 0x28, 0x22]),
    "half of a surrogate pair in UTF-8": new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]),
    "a byte order mark": new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
    "a key __proto__": bytes('{"a":[{"__proto__":1}]}'),
    "a key __proto__ in escapes": bytes('{"\\u005f_proto_\\u005f":1}'),
  };
  test.each(Object.entries(bad))("%s", (_, frame) => {
    expect(codeOf(() => decodeFrame(frame))).toBe("INVALID_MESSAGE");
  });

  test("any bytes are read or refused, never a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (frame) => ["no error", "INVALID_MESSAGE"].includes(codeOf(() => decodeFrame(frame)))),
    );
  });

  test("nesting that would exhaust the stack is refused, not thrown about", () => {
    const deep = bytes(`${"[".repeat(60_000)}"\\u0041"${"]".repeat(60_000)}`);
    expect(["no error", "INVALID_MESSAGE"]).toContain(codeOf(() => parseJson(deep, "it")));
  });
});

test("__proto__ as a value is only text", () => {
  expect(parseJson(bytes('{"note":"__proto__ \\u0041"}'), "the event")).toEqual({ note: "__proto__ A" });
});

test("the message names what was read", () => {
  expect(() => parseJson(bytes("?"), "the event")).toThrow(/^the event is not JSON/);
});

test("JSON bytes that share their memory stay what they were, whatever is made after them", () => {
  const note = fc.oneof(fc.string({ unit: "grapheme", maxLength: 700 }), fc.string({ maxLength: 700 }));
  fc.assert(
    fc.property(fc.array(note, { minLength: 1, maxLength: 60 }), (notes) => {
      const made = notes.map((text) => toJsonBytes({ text }));
      expect(made.map((one) => new TextDecoder().decode(one))).toEqual(notes.map((text) => JSON.stringify({ text })));
    }),
  );
});
