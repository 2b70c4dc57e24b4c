import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { collect } from "../test/collect.ts";
import { readUntilStopped, untilStopped } from "./until-stopped.ts";

const never = new Promise<never>(() => undefined);

describe("untilStopped", () => {
  test("gives what the work comes to", async () => {
    expect(await untilStopped(new AbortController().signal, Promise.resolve(7))).toBe(7);
    await expect(untilStopped(new AbortController().signal, Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
  test("gives nothing once it is stopped, also when that was before", async () => {
    const stop = new AbortController();
    const ended = untilStopped(stop.signal, never);
    stop.abort();
    expect(await ended).toBeUndefined();
    expect(await untilStopped(stop.signal, never)).toBeUndefined();
  });
});

describe("readUntilStopped", () => {
  test("passes all on and ends with the stream", async () => {
    const stream = new PassThrough();
    stream.end("abc");
    expect(Buffer.concat(await collect(readUntilStopped(stream, new AbortController().signal))).toString()).toBe("abc");
  });
  test("a stop is an end, not an error", async () => {
    const stop = new AbortController();
    const stream = new PassThrough();
    stream.write("abc");
    const read = collect(readUntilStopped(stream, stop.signal));
    await new Promise(setImmediate);
    stop.abort();
    expect(Buffer.concat(await read).toString()).toBe("abc");
  });
  test("an error of the stream is one", async () => {
    const stream = new PassThrough();
    const read = collect(readUntilStopped(stream, new AbortController().signal));
    stream.destroy(new Error("the disk is gone"));
    await expect(read).rejects.toThrow("the disk is gone");
  });
});
